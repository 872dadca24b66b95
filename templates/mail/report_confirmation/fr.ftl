# Une adresse veut-elle un rapport : la question vient avant tout autre envoi.

title = Voulez-vous recevoir le rapport « { $name } » ?
what = { $every ->
    [month] { $institution } souhaite vous envoyer chaque mois le rapport « { $name } » : des chiffres sur l’apprentissage de ses membres.
   *[week] { $institution } souhaite vous envoyer chaque semaine le rapport « { $name } » : des chiffres sur l’apprentissage de ses membres.
}
yes = Oui, envoyez-le-moi
until = Le lien fonctionne jusqu’au { $until }.
not-you = Si vous n’en voulez pas, ne faites rien : rien ne sera envoyé.
why = Vous recevez ce message parce que quelqu’un de cet établissement a inscrit votre adresse sur la liste du rapport.
