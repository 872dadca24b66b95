# Figures of a week or a month.

# $name: what the report is called; $from, $to: dates; $test: yes or no.
subject = { $test ->
    [yes] Test: { $name }, { $from } – { $to }
   *[no] { $name }, { $from } – { $to }
}
test = This is a test: only you get it, and it does not count.
# $every: week or month; $whose: institution or own_groups.
lead = { $whose ->
    [own_groups] Your groups at { $institution } in the { $every ->
        [month] month
       *[week] week
    } from { $from } to { $to }.
   *[institution] { $institution } in the { $every ->
        [month] month
       *[week] week
    } from { $from } to { $to }.
}
suppressed = There are too few people to tell figures without telling who they are.
summary = { $active ->
    [one] One learner was active,
   *[other] { $active } learners were active,
} { $completed ->
    [0] and no course was completed.
    [one] and one course was completed.
   *[other] and { $completed } courses were completed.
}
what = Figure
day = { $every ->
    [month] Week from
   *[week] Day
}
now = { $every ->
    [month] The month
   *[week] The week
}
before = { $every ->
    [month] The month before
   *[week] The week before
}
figure = { $name ->
    [active_learners] Active learners
    [time] Time spent
    [median_time] Time of the learner in the middle
    [enrolled] Enrolled
    [started] Started
    [completed] Completed
    [completion_rate] Completed, of those enrolled
   *[overdue] Overdue
}
hidden = fewer than five
share = { $percent }% ({ $done } of { $all })
time = { $hours }h { $minutes }m
points = { $every ->
    [month] Active learners, week by week
   *[week] Active learners, day by day
}
tiers = How active learners are, over four weeks
tier = { $name ->
    [highly_active] Highly active
    [active] Active
    [occasional] Now and then
    [at_risk] About to stop
   *[churned] Stopped
}
courses = Courses that most were enrolled on
other-courses = Others
attached = The figures are attached as a table (CSV).
linked = The figures are there as a table (CSV) until { $until }.
download = Get the table
as-of = Read { $when }. Days are those of { $zone }.
why = You get this letter because you are on the list of the report “{ $name }”.
why-test = You get this letter because you asked for a test.
unsubscribe = Unsubscribe
