# Les chiffres d’une semaine ou d’un mois.

subject = { $test ->
    [yes] Essai : { $name }, { $from } – { $to }
   *[no] { $name } : { $from } – { $to }
}
test = Ceci est un essai : vous seul le recevez, et il ne compte pas.
lead = { $whose ->
    [own_groups] Vos groupes de { $institution }, { $every ->
        [month] mois
       *[week] semaine
    } du { $from } au { $to }.
   *[institution] { $institution }, { $every ->
        [month] mois
       *[week] semaine
    } du { $from } au { $to }.
}
suppressed = Il y a trop peu de personnes pour donner des chiffres sans révéler qui elles sont.
summary = { $active ->
    [one] { $active } apprenant actif,
   *[other] { $active } apprenants actifs,
} { $completed ->
    [one] { $completed } cours terminé.
   *[other] { $completed } cours terminés.
}
what = Indicateur
day = { $every ->
    [month] Semaine du
   *[week] Jour
}
now = { $every ->
    [month] Le mois
   *[week] La semaine
}
before = { $every ->
    [month] Le mois précédent
   *[week] La semaine précédente
}
figure = { $name ->
    [active_learners] Apprenants actifs
    [time] Temps passé
    [median_time] Temps médian par apprenant
    [enrolled] Inscriptions
    [started] Commencés
    [completed] Terminés
    [completion_rate] Terminés parmi les inscriptions
   *[overdue] En retard
}
hidden = moins de cinq
share = { $percent } % ({ $done } sur { $all })
time = { $hours } h { $minutes } min
points = { $every ->
    [month] Apprenants actifs, semaine par semaine
   *[week] Apprenants actifs, jour par jour
}
tiers = L’activité des apprenants sur quatre semaines
tier = { $name ->
    [highly_active] Très actifs
    [active] Actifs
    [occasional] De temps en temps
    [at_risk] Sur le point d’abandonner
   *[churned] Ont abandonné
}
courses = Les cours qui ont eu le plus d’inscriptions
other-courses = Autres
attached = Les chiffres sont joints sous forme de tableau (CSV).
linked = Les chiffres sont disponibles sous forme de tableau (CSV) jusqu’au { $until }.
download = Télécharger le tableau
as-of = Lu le { $when }. Les jours sont ceux de { $zone }.
why = Vous recevez ce message parce que vous figurez sur la liste du rapport « { $name } ».
why-test = Vous recevez ce message parce que vous avez demandé un essai.
unsubscribe = Se désabonner
