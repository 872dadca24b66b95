# A webhook was switched off, because its receiver is gone or failed for days.

# $reason: gone or failing; $host: host of the receiver.
subject = { $reason ->
    [gone] A webhook was switched off, its receiver is gone: { $host }
   *[failing] A webhook was switched off, its receiver kept failing: { $host }
}
title = A webhook was switched off

what-happened = { $reason ->
    [gone] The receiver of a webhook of { $institution } answered “410 Gone”, which asks us to send nothing more. We have switched the webhook off.
   *[failing] The receiver of a webhook of { $institution } has failed at every attempt for days. We have switched the webhook off.
}

webhook = Webhook
address = Address
failing-since = Failing since
last-time = The last time
switched-off = Switched off
not-received = Not received

# $count: how many; $more: yes if there are more than that.
deliveries = { $more ->
    [yes] more than { $count } deliveries
   *[no] { $count ->
        [one] { $count } delivery
       *[other] { $count } deliveries
    }
}

nothing-lost = Nothing is lost: what was not received stays in the log, and what happens meanwhile is noted.
what-to-do = What to do:
repair = Repair the receiver.
switch-on = Switch the webhook on again; the answer says from when to replay:
replay = Have it all sent, what was not received and what happened meanwhile:
