# Quelqu’un a perdu son mot de passe.

subject = Réinitialisation de votre mot de passe
title = Réinitialisation de votre mot de passe
what = Quelqu’un, sans doute vous, a demandé un nouveau mot de passe pour cette adresse.
several = Plusieurs établissements connaissent cette adresse ; chacun a son propre mot de passe.
set = Choisir un nouveau mot de passe pour { $institution }
until = Chaque lien ne sert qu’une fois, jusqu’au { $time }. Dès qu’un mot de passe est choisi, toutes les sessions ouvertes prennent fin.
not-you = Si ce n’était pas vous, ne faites rien : votre mot de passe reste inchangé.
why = Vous recevez ce message parce que quelqu’un en a fait la demande avec votre adresse.
