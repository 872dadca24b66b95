# Un jeton expire : une fois une semaine avant, une fois la veille.

subject = { $stage ->
    [last_day] Un jeton expire d’ici un jour : { $name }
   *[last_week] Un jeton expire d’ici une semaine : { $name }
}
title = { $stage ->
    [last_day] Un jeton expire d’ici un jour
   *[last_week] Un jeton expire d’ici une semaine
}

what = Le jeton « { $name } » de { $institution } cessera de fonctionner le { $at }.
then = Dès lors, tout ce qui l’utilise sera refusé.

token = Jeton
ends-in = Se termine par
expires = Expire le
last-used = Dernière utilisation
never-used = Il n’a jamais été utilisé.

replace = Pour que son intégration continue de fonctionner, faites créer un nouveau jeton à sa place. Pendant un jour, les deux fonctionnent :
leave = Si plus rien ne l’utilise, il n’y a rien à faire.

why = Vous recevez ce message parce que vous avez créé le jeton ou que vous êtes propriétaire de l’établissement.
