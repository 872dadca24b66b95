# Le récepteur d’un webhook est en échec : une fois quand c’est certain, une fois la veille de la désactivation.

subject = { $stage ->
    [last_day] Un webhook sera bientôt désactivé : { $host }
   *[failing] Un webhook est en échec : { $host }
}
title = { $stage ->
    [last_day] Un webhook sera bientôt désactivé
   *[failing] Un webhook est en échec
}

received-nothing = Le récepteur d’un webhook de { $institution } n’a rien reçu depuis le { $since }.
trying = Nous poursuivons nos tentatives. Si la situation persiste, nous vous écrirons de nouveau avant de désactiver le webhook.
switched-off-soon = S’il ne reçoit rien d’ici le { $at }, nous désactiverons le webhook.

webhook = Identifiant du webhook
address = Adresse
failing-since = En échec depuis
failed-attempts = Tentatives échouées
last-time = Dernière erreur
waiting = En attente
given-up = Abandonnées
switched-off = Désactivation prévue

deliveries = { $more ->
    [yes] plus de { $count } livraisons
   *[no] { $count ->
        [one] { $count } livraison
       *[other] { $count } livraisons
    }
}

what-to-do = Que faire :
repair = Réparez le récepteur. Toute réponse de 200 à 299 dans le délai imparti vaut réception.
test = Vérifiez son fonctionnement par un test :
replay = Ce qui est en attente sera livré automatiquement. Ce qui a été abandonné reste dans le journal ; faites-le renvoyer en une seule fois :

when-we-write = Nous écrivons une fois lorsqu’un récepteur commence à échouer, une fois la veille de la désactivation du webhook et une fois lors de celle-ci.
