# A token was found in the open and revoked.

# $institution: its name.
subject = A token of { $institution } was found in the open and revoked
title = A token was found in the open
# $kind: integration, application or session; $name: what its maker called the token, or the device of a session.
what = { $kind ->
    [application] Somebody reported that a token of the application “{ $name }” of { $institution } lies where others can read it.
    [session] Somebody reported that the token of the session “{ $name }” at { $institution } lies where others can read it.
   *[integration] Somebody reported that the token “{ $name }” of { $institution } lies where others can read it.
}
revoked = It was revoked at once, on every server. Whatever uses it is refused.

token = Name
ends-in = Ends in
revoked-at = Revoked
last-used = Last used

do = { $kind ->
    [application] Remove it from where it lies. If the application's secret lies there too, replace that secret.
    [session] Remove it from where it lies, and sign in again.
   *[integration] Remove it from where it lies, and make a new token for the integration.
}
look = See in the audit log what was done with it:

why = You get this letter because the token was yours or you own the institution.
