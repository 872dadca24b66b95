# Ce qu’est devenu un fichier de membres : à qui l’a envoyé.

subject = { $outcome ->
    [planned] Le plan de votre importation est prêt
    [completed] Votre importation est terminée
    [completed_with_errors] Votre importation est terminée, sauf quelques lignes
   *[failed] Votre importation n’a pas été menée à terme
}
title = { $outcome ->
    [planned] Le plan est prêt
    [completed] L’importation est terminée
    [completed_with_errors] L’importation est terminée, sauf quelques lignes
   *[failed] L’importation n’a pas été menée à terme
}
what-happened = { $outcome ->
    [planned] Le plan d’un fichier de membres de { $institution } est prêt. Rien n’a encore été modifié.
    [completed] Un fichier de membres de { $institution } a été appliqué.
    [completed_with_errors] Un fichier de membres de { $institution } a été appliqué, sauf les lignes incorrectes.
   *[failed] Un fichier de membres de { $institution } n’a pas été appliqué, ou pas jusqu’au bout. Ce qui l’avait été auparavant reste acquis.
}
because = { $reason ->
    [seats_exceeded] Il n’y a pas assez de places pour tous ceux qu’il ajoute.
    [change_threshold_exceeded] Il y manque plus de membres qu’un seul fichier ne peut en retirer.
    [invalid_rows] Certaines lignes sont incorrectes, et il fallait tout appliquer ou rien.
    [stale_plan] Des membres ont changé depuis l’établissement du plan.
    [cancelled] Quelqu’un l’a arrêtée.
   *[other] L’importation elle-même en indique la raison.
}

file = Fichier
created = { $outcome ->
    [planned] À ajouter
   *[other] Ajoutés
}
updated = { $outcome ->
    [planned] À modifier
   *[other] Modifiés
}
unchanged = Déjà conformes au fichier
deactivated = { $outcome ->
    [planned] Perdront l’accès
   *[other] Ont perdu l’accès
}
skipped = Lignes omises
refused = Lignes refusées
report = Le rapport est votre fichier avec deux colonnes de plus : ce qui a été fait de chaque ligne, et pourquoi.
apply = Rien ne se passe tant que vous n’avez pas fait appliquer le plan :
why-sender = Vous recevez ce message parce que vous avez envoyé le fichier.
