# 어떤 주소로 보낸 메일이 계속 반송되는 경우.

subject = { $name } 님에게 보낸 메일이 반송됩니다
subject-nobody = { $address } 주소로 보낸 메일이 반송됩니다
title = 메일을 받을 수 없는 주소가 있습니다

what-happened = { $institution } 구성원 { $name } 님에게 보낸 메일이 반송되었습니다. 존재하지 않는 메일함입니다.
what-happened-nobody = { $institution }에서 보낸 메일이 반송되었습니다. 존재하지 않는 메일함입니다.
no-more = 다시 보내도록 요청하시기 전까지 이 주소로는 메일을 보내지 않습니다.

address = 주소
since = 중단 시각
mail-server = 메일 서버의 응답
what-to-do = 조치 방법:
correct = 주소가 잘못되었다면 구성원의 주소를 바로잡아 주십시오. 새 주소로는 바로 메일이 발송됩니다.
readmit = 주소가 맞고 다시 사용할 수 있다면 다음 호출로 발송을 재개해 주십시오.
why-admin = 귀하가 이 기관의 소유자 또는 관리자이므로 이 메일을 보내 드립니다.
