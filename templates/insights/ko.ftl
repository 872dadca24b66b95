course_overdue = { $count ->
    [0] “{ $course }” 과정의 마감일이 오늘입니다. 이 과정을 먼저 마치세요.
   *[other] “{ $course }” 과정의 마감일이 { $count }일 지났습니다. 이 과정을 먼저 마치세요.
}
course_resting = “{ $course }” 과정에서 { $count }일 동안 활동이 없었습니다. 멈춘 곳부터 이어서 학습하세요.
course_behind_plan = “{ $course }” 과정이 계획보다 { $count }%p 늦어지고 있습니다. 매주 조금씩 더 학습하면 따라잡을 수 있습니다.
skill_weak = “{ $skill }” 영역의 점수가 낮습니다(연습 { $count }개). 다음에는 이 영역을 연습하세요.
reviews_due = 복습할 카드가 { $count }장 있습니다.
level_unknown = 목표 수준은 정해져 있지만 현재 수준을 판단할 근거가 부족합니다. 배치 시험을 보면 알 수 있습니다.
inactive = { $count }일 동안 활동이 없었습니다.
behind_plan = 한 과정이 계획보다 { $count }%p 늦어지고 있습니다.
activity_falling = 이전 4주보다 활동한 날이 줄었습니다.
keep_going = 잘하고 있습니다. 계속하세요.
