# Quelqu’un ne reçoit plus un rapport : à qui le rapport appartient.

title = Quelqu’un ne reçoit plus le rapport « { $name } »
what = Le rapport « { $name } » n’a pas été envoyé à { $who }.
reason = { $reason ->
    [left] Cette personne n’est plus membre actif.
    [role_lost] Le rôle de cette personne ne lui permet plus de lire ces chiffres.
   *[address_suspended] Les messages envoyés à cette adresse reviennent, et plus rien n’y est envoyé.
}
then = Les autres l’ont reçu. Tant que cela n’est pas réglé, rien n’y est envoyé, et nous ne vous le redirons pas.
why = Vous recevez ce message parce que ce rapport est le vôtre.
