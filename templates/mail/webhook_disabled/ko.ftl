# 웹훅 사용 중지: 수신 서버가 없어졌거나 여러 날 동안 실패한 경우.

subject = { $reason ->
    [gone] 수신 서버가 없어져 웹훅이 사용 중지되었습니다: { $host }
   *[failing] 전송 실패가 계속되어 웹훅이 사용 중지되었습니다: { $host }
}
title = 웹훅이 사용 중지되었습니다

what-happened = { $reason ->
    [gone] { $institution }의 웹훅 수신 서버가 더 이상 보내지 말라는 뜻의 ‘410 Gone’으로 응답했습니다. 이에 따라 웹훅을 사용 중지했습니다.
   *[failing] { $institution }의 웹훅 수신 서버가 여러 날 동안 모든 시도에 실패했습니다. 이에 따라 웹훅을 사용 중지했습니다.
}

webhook = 웹훅
address = 주소
failing-since = 장애 시작
last-time = 마지막 오류
switched-off = 사용 중지 시각
not-received = 수신하지 못한 건

deliveries = { $more ->
    [yes] { $count }건 초과
   *[no] { $count }건
}

nothing-lost = 유실된 것은 없습니다. 수신하지 못한 건은 로그에 남아 있고, 그동안 일어나는 일도 기록됩니다.
what-to-do = 조치 방법:
repair = 수신 서버를 복구해 주십시오.
switch-on = 웹훅을 다시 사용하도록 설정해 주십시오. 응답에 어느 시점부터 다시 보내야 하는지가 나와 있습니다.
replay = 수신하지 못한 건과 그동안 일어난 일을 모두 보내도록 요청해 주십시오.
