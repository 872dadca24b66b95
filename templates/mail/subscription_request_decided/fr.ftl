# La décision sur une demande d’abonnements.

subject = { $verdict ->
    [approved] Votre demande d’abonnements a été acceptée : { $request }
    [partly_approved] Votre demande d’abonnements a été acceptée en partie : { $request }
    [rejected] Votre demande d’abonnements a été refusée : { $request }
   *[expired] Votre demande d’abonnements a expiré : { $request }
}
title = { $verdict ->
    [approved] Votre demande d’abonnements a été acceptée
    [partly_approved] Votre demande d’abonnements a été acceptée en partie
    [rejected] Votre demande d’abonnements a été refusée
   *[expired] Votre demande d’abonnements a expiré
}

what-happened = { $verdict ->
    [approved] L’assistance a accepté la demande d’abonnements de { $institution }. Les événements parviennent désormais aux adresses ci-dessous.
    [partly_approved] L’assistance a accepté une partie de la demande d’abonnements de { $institution }. Ce qui a été accepté parvient désormais aux adresses ci-dessous.
    [rejected] L’assistance a refusé la demande d’abonnements de { $institution }. Aucun abonnement n’a été créé.
   *[expired] La demande d’abonnements de { $institution } n’a pas reçu de décision à temps et a expiré. Aucun abonnement n’a été créé.
}

why = Motif :
purpose = Objet de la demande :
request = Demande
filed = Déposée
decided = Décision
closed = Clôturée
at-by = le { $at }, par { $name }

requested = Demandé
limited = Portée
everything = tout
objects = { $count ->
    [one] { $count } objet
   *[other] { $count } objets
}
all-types = tous les types
approved = Accepté
not-approved = Non accepté
not-decided = Sans décision
take-secret = Un webhook a été créé pour cette adresse. Pour vérifier ses signatures, demandez un secret :

file-another = Vous pouvez déposer une nouvelle demande :
whole = La demande complète, avec les abonnements créés :
why-request = Vous recevez ce message parce que vous avez déposé la demande ou que vous êtes responsable des intégrations de cet établissement.
