# What became of a file of people: to whoever sent it.

# $outcome: planned, completed, completed_with_errors or failed.
subject = { $outcome ->
    [planned] The plan of your import is ready
    [completed] Your import is complete
    [completed_with_errors] Your import is complete, but for some rows
   *[failed] Your import was not applied to its end
}
title = { $outcome ->
    [planned] The plan is ready
    [completed] The import is complete
    [completed_with_errors] The import is complete, but for some rows
   *[failed] The import was not applied to its end
}
what-happened = { $outcome ->
    [planned] The plan of a file of people of { $institution } is ready. Nobody was changed yet.
    [completed] A file of people of { $institution } was applied.
    [completed_with_errors] A file of people of { $institution } was applied, but for the rows that are not right.
   *[failed] A file of people of { $institution } was not applied, or not to its end. What was applied before stays.
}
# $reason: a code.
because = { $reason ->
    [seats_exceeded] There are not enough seats for all whom it adds.
    [change_threshold_exceeded] More people are missing from it than may go by one file.
    [invalid_rows] Some rows are not right, and all or none were to be applied.
    [stale_plan] People changed since the plan was made.
    [cancelled] Somebody stopped it.
   *[other] The import itself says why.
}

file = File
created = { $outcome ->
    [planned] To be added
   *[other] Added
}
updated = { $outcome ->
    [planned] To be changed
   *[other] Changed
}
unchanged = Already as the file says
deactivated = { $outcome ->
    [planned] To lose access
   *[other] Lost access
}
skipped = Rows left out
refused = Rows refused
report = The report is your file with two columns more: what was done with each row, and why.
apply = Nothing happens until you have the plan applied:
why-sender = You get this letter because you sent the file.
