# 구독 신청의 처리 결과.

subject = { $verdict ->
    [approved] 구독 신청이 승인되었습니다: { $request }
    [partly_approved] 구독 신청이 일부 승인되었습니다: { $request }
    [rejected] 구독 신청이 거절되었습니다: { $request }
   *[expired] 구독 신청이 만료되었습니다: { $request }
}
title = { $verdict ->
    [approved] 구독 신청이 승인되었습니다
    [partly_approved] 구독 신청이 일부 승인되었습니다
    [rejected] 구독 신청이 거절되었습니다
   *[expired] 구독 신청이 만료되었습니다
}

what-happened = { $verdict ->
    [approved] 지원팀이 { $institution }의 구독 신청을 승인했습니다. 이제부터 아래 주소로 이벤트가 전송됩니다.
    [partly_approved] 지원팀이 { $institution }의 구독 신청을 일부 승인했습니다. 승인된 이벤트는 이제부터 아래 주소로 전송됩니다.
    [rejected] 지원팀이 { $institution }의 구독 신청을 거절했습니다. 구독된 것은 없습니다.
   *[expired] { $institution }의 구독 신청이 기한 안에 처리되지 않아 만료되었습니다. 구독된 것은 없습니다.
}

why = 사유:
purpose = 신청 목적:
request = 신청
filed = 신청 일시
decided = 처리
closed = 종료 일시
at-by = { $at }, { $name }

requested = 신청 이벤트
limited = 대상
everything = 전체
objects = { $count }개
all-types = 모든 유형
approved = 승인
not-approved = 미승인
not-decided = 처리되지 않음
take-secret = 이 주소를 위한 웹훅이 만들어졌습니다. 서명을 검증하려면 다음 호출로 비밀 키를 받으십시오.

file-another = 다시 신청하실 수 있습니다.
whole = 만들어진 구독을 포함한 전체 내용:
why-request = 귀하가 이 신청을 하셨거나 이 기관의 연동을 담당하고 계시므로 이 메일을 보내 드립니다.
