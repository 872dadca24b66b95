# Un webhook a été désactivé : son récepteur n’existe plus ou a échoué pendant des jours.

subject = { $reason ->
    [gone] Un webhook a été désactivé, son récepteur n’existe plus : { $host }
   *[failing] Un webhook a été désactivé, son récepteur échouait sans cesse : { $host }
}
title = Un webhook a été désactivé

what-happened = { $reason ->
    [gone] Le récepteur d’un webhook de { $institution } a répondu « 410 Gone », ce qui demande de ne plus rien lui envoyer. Nous avons désactivé le webhook.
   *[failing] Le récepteur d’un webhook de { $institution } a échoué à chaque tentative pendant plusieurs jours. Nous avons désactivé le webhook.
}

webhook = Identifiant du webhook
address = Adresse
failing-since = En échec depuis
last-time = Dernière erreur
switched-off = Désactivé
not-received = Non reçues

deliveries = { $more ->
    [yes] plus de { $count } livraisons
   *[no] { $count ->
        [one] { $count } livraison
       *[other] { $count } livraisons
    }
}

nothing-lost = Rien n’est perdu : ce qui n’a pas été reçu reste dans le journal, et ce qui se passe entre-temps est consigné.
what-to-do = Que faire :
repair = Réparez le récepteur.
switch-on = Réactivez le webhook ; la réponse indique à partir de quand renvoyer :
replay = Faites envoyer tout ce qui n’a pas été reçu et ce qui s’est passé entre-temps :
