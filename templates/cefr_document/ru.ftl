title = Отчёт об уровне владения языком
name = Имя
lang = Язык
overall = Общий уровень
as_of = По состоянию на
skills = По навыкам
listening = Аудирование
reading = Чтение
speaking = Говорение
writing = Письмо
status-assessed = оценён
status-provisional = предварительно
status-insufficient_evidence = недостаточно данных
status-expired = данные устарели
evidence = { $count ->
    [one] { $count } подтверждение
    [few] { $count } подтверждения
   *[other] { $count } подтверждений
}
confidence = уверенность { $count } %
target = Цель: { $level }
target_by = Цель: { $level }, срок: { $date }
method = Уровни Общеевропейских компетенций владения иностранным языком (CEFR, дополнительный том, 2020) от Pre-A1 до C2. Общий уровень — наивысший, которого достигли не менее трёх навыков из четырёх; это не среднее значение.
verify = Проверить документ
verify_how = Откройте адрес или отсканируйте код и сравните то, что там показано.
code = Код
issued = Выдан: { $date }
valid = Действителен до: { $date }
institution = Кем выдан
language-en = английский
language-ko = корейский
language-ru = русский
language-fr = французский
language-he = иврит
language-de = немецкий
language-es = испанский
language-it = итальянский
language-ja = японский
language-zh = китайский
language-pt = португальский
language-nl = нидерландский
language-ar = арабский
language-tr = турецкий
