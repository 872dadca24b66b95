# A password was changed.

# $institution: its name.
subject = Your password for { $institution } was changed
title = Your password was changed
# $way: changed by somebody signed in, or reset by a letter; $time: when.
what = { $way ->
    [reset] The password of your account at { $institution } was set anew by the link of a letter, on { $time }. All sessions were ended.
   *[changed] The password of your account at { $institution } was changed on { $time }. All other sessions were ended.
}
you = If that was you, nothing is left to do.
not-you = If it was not you, set another password at once and tell an admin of the institution. The way there begins at:
why = You get this letter because it is about your account.
