# Does an address want a report: asked before anything else is sent there.

title = Do you want the report “{ $name }”?
# $every: week or month.
what = { $every ->
    [month] { $institution } would like to send you the report “{ $name }” each month: figures about how its people learn.
   *[week] { $institution } would like to send you the report “{ $name }” each week: figures about how its people learn.
}
yes = Yes, send it to me
until = The link works until { $until }.
not-you = If you do not want it, do nothing: then nothing is sent.
why = You get this letter because somebody at this institution put your address on the list of the report.
