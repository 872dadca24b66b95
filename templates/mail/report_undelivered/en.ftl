# Somebody gets a report no more: to whose report it is.

title = Somebody gets the report “{ $name }” no more
what = { $who } did not get the report “{ $name }”.
# $reason: a word.
reason = { $reason ->
    [left] This person is no active member any more.
    [role_lost] This person’s role does not let the figures be read any more.
   *[address_suspended] Letters to this address come back, and none is sent there any more.
}
then = The others got it. Until this is mended nothing is sent there, and you are not told again.
why = You get this letter because it is your report.
