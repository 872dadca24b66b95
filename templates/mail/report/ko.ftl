# 한 주 또는 한 달의 수치.

subject = { $test ->
    [yes] 시험 발송: { $name }, { $from } – { $to }
   *[no] { $name } ({ $from } – { $to })
}
test = 시험 발송입니다. 귀하에게만 발송되며 정기 발송으로 치지 않습니다.
lead = { $whose ->
    [own_groups] { $institution }에서 담당하시는 그룹의 { $from }부터 { $to }까지 { $every ->
        [month] 한 달
       *[week] 한 주
    } 현황입니다.
   *[institution] { $institution }의 { $from }부터 { $to }까지 { $every ->
        [month] 한 달
       *[week] 한 주
    } 현황입니다.
}
suppressed = 인원이 너무 적어 누구인지 드러내지 않고는 수치를 보여 드릴 수 없습니다.
summary = 활동한 학습자 { $active }명, 수료 { $completed }건.
what = 항목
day = { $every ->
    [month] 주 시작일
   *[week] 날짜
}
now = { $every ->
    [month] 해당 월
   *[week] 해당 주
}
before = { $every ->
    [month] 전월
   *[week] 전주
}
figure = { $name ->
    [active_learners] 활동한 학습자
    [time] 학습 시간
    [median_time] 학습자 학습 시간 중앙값
    [enrolled] 수강 등록
    [started] 시작
    [completed] 수료
    [completion_rate] 등록자 중 수료
   *[overdue] 기한 지남
}
hidden = 5명 미만
share = { $percent }% ({ $all }건 중 { $done }건)
time = { $hours }시간 { $minutes }분
points = { $every ->
    [month] 주별 활동 학습자
   *[week] 일별 활동 학습자
}
tiers = 최근 4주간 학습자의 활동 정도
tier = { $name ->
    [highly_active] 매우 활발함
    [active] 활발함
    [occasional] 가끔
    [at_risk] 중단 위험
   *[churned] 중단함
}
courses = 등록이 가장 많은 강좌
other-courses = 기타
attached = 수치가 표(CSV)로 첨부되어 있습니다.
linked = 수치를 { $until }까지 표(CSV)로 받으실 수 있습니다.
download = 표 받기
as-of = { $when } 기준입니다. 날짜는 { $zone } 시간대를 따릅니다.
why = 귀하가 보고서 ‘{ $name }’의 수신 목록에 있으므로 이 메일을 보내 드립니다.
why-test = 귀하가 시험 발송을 요청하셨으므로 이 메일을 보내 드립니다.
unsubscribe = 수신 거부
