# Somebody is asked to join an institution.

# $institution: its name; $name: who asks; $role: what the person will be there.
subject = You are invited to { $institution }
title = Join { $institution }
what = { $name } invites you to { $institution }, { $role ->
    [owner] as its owner
    [admin] as an admin
    [billing_admin] to look after its bills
    [manager] as a manager
    [support] to help its people
    [integrator] to connect its systems
    [auditor] to read its records
   *[learner] to learn there
}.
what-nobody = You are invited to { $institution }, { $role ->
    [owner] as its owner
    [admin] as an admin
    [billing_admin] to look after its bills
    [manager] as a manager
    [support] to help its people
    [integrator] to connect its systems
    [auditor] to read its records
   *[learner] to learn there
}.
join = Choose a password and join
address = Your address for signing in
until = The link works until
yours-alone = The link is for you alone: do not pass it on.
not-you = If you do not expect an invitation, do nothing; nobody joins without you.
why = You get this letter because the institution gave us your address.
