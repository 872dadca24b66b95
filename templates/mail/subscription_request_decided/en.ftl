# What became of a request for subscriptions.

# $verdict: approved, partly_approved, rejected or expired; $request: the institution's own key, or the request's id.
subject = { $verdict ->
    [approved] Your subscription request was approved: { $request }
    [partly_approved] Your subscription request was approved in part: { $request }
    [rejected] Your subscription request was rejected: { $request }
   *[expired] Your subscription request expired: { $request }
}
title = { $verdict ->
    [approved] Your subscription request was approved
    [partly_approved] Your subscription request was approved in part
    [rejected] Your subscription request was rejected
   *[expired] Your subscription request expired
}

what-happened = { $verdict ->
    [approved] Support has approved the request for subscriptions of { $institution }. Events come to the addresses below from now on.
    [partly_approved] Support has approved a part of the request for subscriptions of { $institution }. What was approved comes to the addresses below from now on.
    [rejected] Support has rejected the request for subscriptions of { $institution }. Nothing was subscribed.
   *[expired] Nobody decided on the request for subscriptions of { $institution } in time, so it has expired. Nothing was subscribed.
}

why = Why:
purpose = It is for:
request = Request
filed = Filed
decided = Decided
closed = Closed
# $at: a time with its zone; $name: who did it.
at-by = { $at } by { $name }

requested = Requested
limited = For
everything = everything
objects = { $count ->
    [one] { $count } object
   *[other] { $count } objects
}
all-types = all types
approved = Approved
not-approved = Not approved
not-decided = Not decided
take-secret = A webhook was made for it. To verify its signatures, take a secret:

file-another = You may file another request:
whole = The whole of it, with the subscriptions that were made:
why-request = You get this letter because you filed the request, or look after its integrations.
