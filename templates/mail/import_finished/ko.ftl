# 구성원 파일의 처리 결과: 파일을 보낸 사람에게.

subject = { $outcome ->
    [planned] 가져오기 계획이 준비되었습니다
    [completed] 가져오기가 완료되었습니다
    [completed_with_errors] 일부 행을 제외하고 가져오기가 완료되었습니다
   *[failed] 가져오기가 끝까지 적용되지 않았습니다
}
title = { $outcome ->
    [planned] 계획이 준비되었습니다
    [completed] 가져오기가 완료되었습니다
    [completed_with_errors] 일부 행을 제외하고 가져오기가 완료되었습니다
   *[failed] 가져오기가 끝까지 적용되지 않았습니다
}
what-happened = { $outcome ->
    [planned] { $institution }의 구성원 파일에 대한 계획이 준비되었습니다. 아직 변경된 구성원은 없습니다.
    [completed] { $institution }의 구성원 파일이 적용되었습니다.
    [completed_with_errors] { $institution }의 구성원 파일이 올바르지 않은 행을 제외하고 적용되었습니다.
   *[failed] { $institution }의 구성원 파일이 적용되지 않았거나 끝까지 적용되지 않았습니다. 그 전에 적용된 내용은 유지됩니다.
}
because = { $reason ->
    [seats_exceeded] 추가할 인원에 비해 좌석이 부족합니다.
    [change_threshold_exceeded] 한 파일로 빠질 수 있는 인원보다 많은 구성원이 파일에 없습니다.
    [invalid_rows] 올바르지 않은 행이 있으며, 전체를 적용하거나 전혀 적용하지 않도록 지정되어 있습니다.
    [stale_plan] 계획을 세운 뒤 구성원이 변경되었습니다.
    [cancelled] 누군가 중단했습니다.
   *[other] 자세한 이유는 가져오기 정보에서 확인할 수 있습니다.
}

file = 파일
created = { $outcome ->
    [planned] 추가 예정
   *[other] 추가됨
}
updated = { $outcome ->
    [planned] 변경 예정
   *[other] 변경됨
}
unchanged = 이미 파일과 같음
deactivated = { $outcome ->
    [planned] 이용 중지 예정
   *[other] 이용 중지됨
}
skipped = 제외된 행
refused = 거부된 행
report = 보고서는 보내신 파일에 두 열을 더한 것으로, 각 행이 어떻게 처리되었고 왜 그렇게 되었는지 알려 줍니다.
apply = 계획을 적용하도록 요청하시기 전에는 아무것도 바뀌지 않습니다.
why-sender = 귀하가 파일을 보내셨으므로 이 메일을 보내 드립니다.
