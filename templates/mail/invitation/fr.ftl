# Quelqu’un est invité à rejoindre un établissement.

subject = Vous êtes invité à rejoindre { $institution }
title = Rejoignez { $institution }
what = { $name } vous invite à rejoindre { $institution } { $role ->
    [owner] en tant que propriétaire
    [admin] en tant qu’administrateur
    [billing_admin] pour gérer sa facturation
    [manager] en tant que responsable
    [support] pour assister ses membres
    [integrator] pour connecter ses systèmes
    [auditor] pour consulter ses registres
   *[learner] pour y apprendre
}.
what-nobody = Vous êtes invité à rejoindre { $institution } { $role ->
    [owner] en tant que propriétaire
    [admin] en tant qu’administrateur
    [billing_admin] pour gérer sa facturation
    [manager] en tant que responsable
    [support] pour assister ses membres
    [integrator] pour connecter ses systèmes
    [auditor] pour consulter ses registres
   *[learner] pour y apprendre
}.
join = Choisir un mot de passe et rejoindre
address = Votre adresse de connexion
until = Le lien est valable jusqu’au
yours-alone = Ce lien vous est personnel : ne le transmettez à personne.
not-you = Si vous n’attendez pas d’invitation, ne faites rien ; personne ne s’inscrit sans vous.
why = Vous recevez ce message parce que l’établissement nous a communiqué votre adresse.
