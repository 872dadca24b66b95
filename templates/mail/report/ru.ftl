# Показатели за неделю или месяц.

subject = { $test ->
    [yes] Проверка: { $name }, { $from } – { $to }
   *[no] { $name }: { $from } – { $to }
}
test = Это проверка: письмо получили только вы, и оно не считается отправленным отчётом.
lead = { $whose ->
    [own_groups] Ваши группы в организации «{ $institution }» за { $every ->
        [month] месяц
       *[week] неделю
    }: { $from } – { $to }.
   *[institution] Организация «{ $institution }» за { $every ->
        [month] месяц
       *[week] неделю
    }: { $from } – { $to }.
}
suppressed = Людей слишком мало, чтобы показать цифры, не раскрывая, кто это.
summary = { $active ->
    [one] Занимался { $active } учащийся,
    [few] Занимались { $active } учащихся,
   *[many] Занимались { $active } учащихся,
} { $completed ->
    [one] завершён { $completed } курс.
    [few] завершено { $completed } курса.
   *[many] завершено { $completed } курсов.
}
what = Показатель
day = { $every ->
    [month] Неделя с
   *[week] День
}
now = { $every ->
    [month] За месяц
   *[week] За неделю
}
before = { $every ->
    [month] Месяцем раньше
   *[week] Неделей раньше
}
figure = { $name ->
    [active_learners] Занимались
    [time] Время занятий
    [median_time] Медианное время учащегося
    [enrolled] Записаны
    [started] Начали
    [completed] Завершили
    [completion_rate] Завершили из записанных
   *[overdue] Просрочено
}
hidden = меньше пяти
share = { $percent } % ({ $done } из { $all })
time = { $hours } ч { $minutes } мин
points = { $every ->
    [month] Занимались, по неделям
   *[week] Занимались, по дням
}
tiers = Активность учащихся за четыре недели
tier = { $name ->
    [highly_active] Очень активные
    [active] Активные
    [occasional] Время от времени
    [at_risk] Могут бросить
   *[churned] Бросили
}
courses = Курсы с наибольшим числом записей
other-courses = Прочие
attached = Показатели приложены в виде таблицы (CSV).
linked = Показатели в виде таблицы (CSV) доступны до: { $until }.
download = Получить таблицу
as-of = Данные на { $when }. Дни — по часовому поясу { $zone }.
why = Вы получили это письмо, потому что состоите в списке получателей отчёта «{ $name }».
why-test = Вы получили это письмо, потому что запросили проверку.
unsubscribe = Отписаться
