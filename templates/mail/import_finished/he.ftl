# מה עלה בגורלו של קובץ חברים: לשולח הקובץ.

subject = { $outcome ->
    [planned] תוכנית הייבוא שלך מוכנה
    [completed] הייבוא שלך הושלם
    [completed_with_errors] הייבוא שלך הושלם, פרט לכמה שורות
   *[failed] הייבוא שלך לא בוצע עד סופו
}
title = { $outcome ->
    [planned] התוכנית מוכנה
    [completed] הייבוא הושלם
    [completed_with_errors] הייבוא הושלם, פרט לכמה שורות
   *[failed] הייבוא לא בוצע עד סופו
}
what-happened = { $outcome ->
    [planned] התוכנית עבור קובץ החברים של { $institution } מוכנה. עדיין לא השתנה דבר.
    [completed] קובץ החברים של { $institution } הוחל.
    [completed_with_errors] קובץ החברים של { $institution } הוחל, פרט לשורות שאינן תקינות.
   *[failed] קובץ החברים של { $institution } לא הוחל, או לא הוחל עד סופו. מה שהוחל קודם לכן נשאר בתוקף.
}
because = { $reason ->
    [seats_exceeded] אין די מקומות לכל מי שהקובץ מוסיף.
    [change_threshold_exceeded] חסרים בקובץ יותר חברים מכפי שמותר להסיר בקובץ אחד.
    [invalid_rows] חלק מהשורות אינן תקינות, והיה להחיל את כולן או אף אחת מהן.
    [stale_plan] החברים השתנו מאז הוכנה התוכנית.
    [cancelled] הייבוא הופסק.
   *[other] הסיבה מצוינת בייבוא עצמו.
}

file = קובץ
created = { $outcome ->
    [planned] יתווספו
   *[other] נוספו
}
updated = { $outcome ->
    [planned] ישתנו
   *[other] השתנו
}
unchanged = כבר תואמים לקובץ
deactivated = { $outcome ->
    [planned] יאבדו גישה
   *[other] איבדו גישה
}
skipped = שורות שהושמטו
refused = שורות שנדחו
report = הדוח הוא הקובץ שלך בתוספת שתי עמודות: מה נעשה בכל שורה, ומדוע.
apply = דבר לא ישתנה עד שתופעל התוכנית:
why-sender = הודעה זו נשלחה אליך משום ששלחת את הקובץ.
