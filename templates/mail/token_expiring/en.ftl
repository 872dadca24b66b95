# A token stops working: once a week before, once a day before.

# $stage: last_week or last_day; $name: what its maker called the token.
subject = { $stage ->
    [last_day] A token expires within a day: { $name }
   *[last_week] A token expires within a week: { $name }
}
title = { $stage ->
    [last_day] A token expires within a day
   *[last_week] A token expires within a week
}

# $institution: its name; $name: of the token; $at: a time with its zone.
what = The token “{ $name }” of { $institution } stops working on { $at }.
then = From then on whatever uses it is refused.

token = Token
ends-in = Ends in
expires = Expires
last-used = Last used
never-used = It was never used.

replace = To keep its integration going, have a new token made in its place. For a day both work:
leave = If nothing uses it any more, there is nothing to do.

why = You get this letter because you made the token or own the institution.
