# 웹훅 수신 서버의 장애: 장애가 확실해졌을 때 한 번, 사용 중지 하루 전에 한 번.

subject = { $stage ->
    [last_day] 웹훅이 곧 사용 중지됩니다: { $host }
   *[failing] 웹훅 전송에 실패하고 있습니다: { $host }
}
title = { $stage ->
    [last_day] 웹훅이 곧 사용 중지됩니다
   *[failing] 웹훅 전송에 실패하고 있습니다
}

received-nothing = { $institution }의 웹훅 수신 서버가 { $since } 이후 아무것도 받지 못하고 있습니다.
trying = 전송은 계속 시도합니다. 이 상태가 이어지면 웹훅을 사용 중지하기 전에 다시 알려 드리겠습니다.
switched-off-soon = { $at }까지 아무것도 받지 못하면 웹훅을 사용 중지합니다.

webhook = 웹훅
address = 주소
failing-since = 장애 시작
failed-attempts = 실패한 시도
last-time = 마지막 오류
waiting = 대기 중
given-up = 전송 포기
switched-off = 사용 중지 예정

deliveries = { $more ->
    [yes] { $count }건 초과
   *[no] { $count }건
}

what-to-do = 조치 방법:
repair = 수신 서버를 복구해 주십시오. 제한 시간 안에 돌아온 200~299 응답은 모두 수신으로 처리됩니다.
test = 테스트를 보내 정상 작동을 확인해 주십시오.
replay = 대기 중인 건은 자동으로 전송됩니다. 전송을 포기한 건은 로그에 남아 있으며, 다음 호출로 한꺼번에 다시 보낼 수 있습니다.

when-we-write = 수신 서버에 장애가 시작될 때, 사용 중지 하루 전, 그리고 사용 중지될 때 한 번씩 알려 드립니다.
