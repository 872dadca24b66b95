course_overdue = { $count ->
    [0] « { $course } » devait être terminé aujourd’hui. Terminez-le en premier.
    [one] « { $course } » devait être terminé il y a { $count } jour. Terminez-le en premier.
   *[other] « { $course } » devait être terminé il y a { $count } jours. Terminez-le en premier.
}
course_resting = { $count ->
    [one] Aucune activité dans « { $course } » depuis { $count } jour. Reprenez là où vous en étiez.
   *[other] Aucune activité dans « { $course } » depuis { $count } jours. Reprenez là où vous en étiez.
}
course_behind_plan = « { $course } » a { $count } points de pourcentage de retard sur le programme. Un peu plus chaque semaine suffit à le rattraper.
skill_weak = Les résultats en « { $skill } » sont faibles ({ $count ->
    [one] { $count } exercice
   *[other] { $count } exercices
}). Travaillez cette compétence ensuite.
reviews_due = { $count ->
    [one] { $count } carte est à revoir.
   *[other] { $count } cartes sont à revoir.
}
level_unknown = Un niveau est visé, mais trop peu d’éléments permettent de dire celui qui est atteint. Un test de positionnement le dirait.
inactive = { $count ->
    [one] Aucune activité depuis { $count } jour.
   *[other] Aucune activité depuis { $count } jours.
}
behind_plan = Un cours a { $count } points de pourcentage de retard sur le programme.
activity_falling = Moins de jours actifs que pendant les quatre semaines précédentes.
keep_going = Tout va bien. Continuez.
