# A receiver of webhooks fails: once when it is sure, once a day before it is switched off.

# $stage: failing or last_day; $host: host of the receiver.
subject = { $stage ->
    [last_day] A webhook will soon be switched off: { $host }
   *[failing] A webhook is failing: { $host }
}
title = { $stage ->
    [last_day] A webhook will soon be switched off
   *[failing] A webhook is failing
}

# $since, $at: a time with its zone.
received-nothing = The receiver of a webhook of { $institution } has received nothing since { $since }.
trying = We keep trying. If it goes on like this, we write again before we switch the webhook off.
switched-off-soon = If it receives nothing until { $at }, we switch the webhook off.

webhook = Webhook
address = Address
failing-since = Failing since
failed-attempts = Failed attempts
last-time = The last time
waiting = Waiting
given-up = Given up
switched-off = Switched off at

# $count: how many; $more: yes if there are more than that.
deliveries = { $more ->
    [yes] more than { $count } deliveries
   *[no] { $count ->
        [one] { $count } delivery
       *[other] { $count } deliveries
    }
}

what-to-do = What to do:
repair = Repair the receiver. Any answer from 200 to 299 in time counts as received.
test = See whether it works, with a test:
replay = What waits comes by itself. What was given up stays in the log; have it sent again, all at once:

when-we-write = We write once when a receiver begins to fail, once a day before it is switched off, and when it is.
