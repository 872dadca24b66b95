# Somebody lost a password.

subject = Set another password
title = Set another password
what = Somebody, probably you, asked for another password for this address.
several = Several institutions know the address; each has a password of its own.
# $institution: its name.
set = Set another password for { $institution }
# $time: a time.
until = Each link works once, until { $time }. Where a password is set, all open sessions end.
not-you = If it was not you, do nothing: your password stays as it is.
why = You get this letter because somebody asked for it with your address.
