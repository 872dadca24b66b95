# 토큰 만료 예정: 일주일 전과 하루 전에 한 번씩.

subject = { $stage ->
    [last_day] 토큰이 하루 안에 만료됩니다: { $name }
   *[last_week] 토큰이 일주일 안에 만료됩니다: { $name }
}
title = { $stage ->
    [last_day] 토큰이 하루 안에 만료됩니다
   *[last_week] 토큰이 일주일 안에 만료됩니다
}

what = { $institution }의 토큰 ‘{ $name }’은(는) { $at }에 만료됩니다.
then = 그 이후 이 토큰을 사용하는 요청은 모두 거부됩니다.

token = 토큰
ends-in = 끝자리
expires = 만료
last-used = 마지막 사용
never-used = 한 번도 사용되지 않았습니다.

replace = 연동을 계속 사용하시려면 이 토큰을 대신할 새 토큰을 발급받으십시오. 하루 동안은 두 토큰을 모두 쓸 수 있습니다.
leave = 더 이상 사용하는 곳이 없다면 아무것도 하지 않으셔도 됩니다.

why = 귀하가 토큰을 만드셨거나 기관의 소유자이므로 이 메일을 보내 드립니다.
