# נתונים של שבוע או של חודש.

subject = { $test ->
    [yes] ניסיון: { $name }, { $from } – { $to }
   *[no] { $name }: { $from } – { $to }
}
test = זהו ניסיון: ההודעה נשלחה אליך בלבד ואינה נחשבת לדוח שנשלח.
lead = { $whose ->
    [own_groups] הקבוצות שלך במוסד { $institution }, { $every ->
        [month] החודש
       *[week] השבוע
    } שבין { $from } לבין { $to }.
   *[institution] { $institution }, { $every ->
        [month] החודש
       *[week] השבוע
    } שבין { $from } לבין { $to }.
}
suppressed = יש מעט מדי אנשים מכדי להציג נתונים בלי לגלות מי הם.
summary = { $active ->
    [one] לומד אחד היה פעיל,
   *[other] { $active } לומדים היו פעילים,
} { $completed ->
    [0] ואף קורס לא הושלם.
    [one] וקורס אחד הושלם.
   *[other] ו־{ $completed } קורסים הושלמו.
}
what = מדד
day = { $every ->
    [month] שבוע החל מ־
   *[week] יום
}
now = { $every ->
    [month] החודש
   *[week] השבוע
}
before = { $every ->
    [month] החודש שלפניו
   *[week] השבוע שלפניו
}
figure = { $name ->
    [active_learners] לומדים פעילים
    [time] זמן לימוד
    [median_time] זמן לימוד חציוני ללומד
    [enrolled] הרשמות
    [started] התחילו
    [completed] השלימו
    [completion_rate] השלימו מתוך הנרשמים
   *[overdue] באיחור
}
hidden = פחות מחמישה
share = ‎{ $percent }%‎ ({ $done } מתוך { $all })
time = { $hours } שע׳ { $minutes } דק׳
points = { $every ->
    [month] לומדים פעילים, שבוע אחר שבוע
   *[week] לומדים פעילים, יום אחר יום
}
tiers = מידת הפעילות של הלומדים בארבעה שבועות
tier = { $name ->
    [highly_active] פעילים מאוד
    [active] פעילים
    [occasional] מדי פעם
    [at_risk] עלולים להפסיק
   *[churned] הפסיקו
}
courses = הקורסים שנרשמו אליהם יותר מכול
other-courses = אחרים
attached = הנתונים מצורפים כטבלה (CSV).
linked = הנתונים זמינים כטבלה (CSV) עד { $until }.
download = קבלת הטבלה
as-of = הנתונים נכונים ל־{ $when }. הימים הם לפי { $zone }.
why = הודעה זו נשלחה אליך משום שכתובתך ברשימת הדוח „{ $name }”.
why-test = הודעה זו נשלחה אליך משום שביקשת ניסיון.
unsubscribe = הסרה מרשימת התפוצה
