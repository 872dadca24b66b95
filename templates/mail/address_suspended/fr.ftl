# Les lettres à une adresse reviennent définitivement.

subject = Les messages adressés à { $name } reviennent
subject-nobody = Les messages adressés à { $address } reviennent
title = Une adresse est injoignable

what-happened = Un message adressé à { $name }, membre de { $institution }, nous est revenu : cette boîte aux lettres n’existe pas.
what-happened-nobody = Un message de { $institution } nous est revenu : cette boîte aux lettres n’existe pas.
no-more = Nous n’envoyons plus rien à cette adresse jusqu’à nouvel ordre de votre part.

address = Adresse
since = Depuis le
mail-server = Réponse du serveur
what-to-do = Que faire :
correct = Si l’adresse est fausse, corrigez celle du membre ; les messages y partiront aussitôt.
readmit = Si elle est juste et fonctionne de nouveau, autorisez les envois :
why-admin = Vous recevez ce message parce que vous êtes propriétaire ou administrateur de cet établissement.
