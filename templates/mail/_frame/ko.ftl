# 모든 편지를 둘러싸는 말.

hello = { $name } 님, 안녕하세요.
fact = { $label }: { $value }

why-integrations = 귀하가 이 기관의 연동을 담당하고 계시므로 이 메일을 보내 드립니다.
trouble = { $kind ->
    [dns] 호스트 이름을 찾을 수 없었습니다
    [refused_address] 호출이 허용되지 않는 주소입니다
    [connect] 연결할 수 없었습니다
    [tls] 보안 연결을 맺을 수 없었습니다
    [timeout_connect] 제한 시간 안에 연결하지 못했습니다
    [timeout] 제한 시간 안에 응답하지 않았습니다
    [reset] 응답 없이 연결을 끊었습니다
    [protocol] 응답이 HTTP 형식이 아니었습니다
    [interrupted] 저희 쪽에서 시도가 중단되었습니다
    [gone] 410 Gone으로 응답했습니다
    [http] { $status }(으)로 응답했습니다
   *[other] 시도가 실패했습니다
}
