course_overdue = { $count ->
    [0] “{ $course }” should have been finished by today. Finish it first.
    [one] “{ $course }” should have been finished a day ago. Finish it first.
   *[other] “{ $course }” should have been finished { $count } days ago. Finish it first.
}
course_resting = { $count ->
    [one] Nothing was done in “{ $course }” for a day. Go on where it was left.
   *[other] Nothing was done in “{ $course }” for { $count } days. Go on where it was left.
}
course_behind_plan = “{ $course }” is behind its plan by { $count } percentage points. A little more each week catches up.
skill_weak = Scores in “{ $skill }” are low ({ $count ->
    [one] one exercise
   *[other] { $count } exercises
}). Practise it next.
reviews_due = { $count ->
    [one] One card is waiting to be looked at again.
   *[other] { $count } cards are waiting to be looked at again.
}
level_unknown = There is a level to reach, but too little evidence to say which one has been reached. A placement test would tell.
inactive = { $count ->
    [one] Nothing was done for a day.
   *[other] Nothing was done for { $count } days.
}
behind_plan = A course is behind its plan by { $count } percentage points.
activity_falling = Fewer active days than in the four weeks before.
keep_going = All goes well. Keep going.
