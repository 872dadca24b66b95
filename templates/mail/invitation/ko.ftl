# 기관에 참여하도록 초대하는 메일.

subject = { $institution }에 초대합니다
title = { $institution } 참여하기
what = { $name } 님이 귀하를 { $institution }에 초대했습니다. 역할: { $role ->
    [owner] 소유자
    [admin] 관리자
    [billing_admin] 결제 관리자
    [manager] 그룹 담당자
    [support] 지원 담당자
    [integrator] 연동 담당자
    [auditor] 감사 담당자
   *[learner] 학습자
}.
what-nobody = 귀하가 { $institution }에 초대되었습니다. 역할: { $role ->
    [owner] 소유자
    [admin] 관리자
    [billing_admin] 결제 관리자
    [manager] 그룹 담당자
    [support] 지원 담당자
    [integrator] 연동 담당자
    [auditor] 감사 담당자
   *[learner] 학습자
}.
join = 비밀번호를 정하고 참여하기
address = 로그인 주소
until = 링크 유효 기한
yours-alone = 이 링크는 귀하만을 위한 것이므로 다른 사람에게 전달하지 마십시오.
not-you = 초대받으실 이유가 없다면 아무것도 하지 않으셔도 됩니다. 귀하 없이는 누구도 참여하지 않습니다.
why = 이 기관이 귀하의 주소를 알려 주어 이 메일을 보내 드립니다.
