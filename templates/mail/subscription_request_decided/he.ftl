# ההחלטה בבקשת מינויים.

subject = { $verdict ->
    [approved] בקשת המינויים שלך אושרה: { $request }
    [partly_approved] בקשת המינויים שלך אושרה בחלקה: { $request }
    [rejected] בקשת המינויים שלך נדחתה: { $request }
   *[expired] תוקף בקשת המינויים שלך פג: { $request }
}
title = { $verdict ->
    [approved] בקשת המינויים שלך אושרה
    [partly_approved] בקשת המינויים שלך אושרה בחלקה
    [rejected] בקשת המינויים שלך נדחתה
   *[expired] תוקף בקשת המינויים שלך פג
}

what-happened = { $verdict ->
    [approved] צוות התמיכה אישר את בקשת המינויים של { $institution }. מעתה יישלחו אירועים לכתובות שלהלן.
    [partly_approved] צוות התמיכה אישר חלק מבקשת המינויים של { $institution }. מה שאושר יישלח מעתה לכתובות שלהלן.
    [rejected] צוות התמיכה דחה את בקשת המינויים של { $institution }. לא נוצר אף מינוי.
   *[expired] בבקשת המינויים של { $institution } לא התקבלה החלטה בזמן, ולכן פג תוקפה. לא נוצר אף מינוי.
}

why = נימוק:
purpose = מטרת הבקשה:
request = בקשה
filed = הוגשה
decided = הוחלט
closed = נסגרה
at-by = { $at }, { $name }

requested = התבקש
limited = היקף
everything = הכול
objects = { $count ->
    [one] אובייקט אחד
    [two] שני אובייקטים
   *[other] { $count } אובייקטים
}
all-types = כל הסוגים
approved = אושר
not-approved = לא אושר
not-decided = לא הוחלט
take-secret = נוצר Webhook עבור כתובת זו. כדי לאמת את החתימות שלו יש לקבל סוד:

file-another = ניתן להגיש בקשה נוספת:
whole = הבקשה במלואה, עם המינויים שנוצרו:
why-request = הודעה זו נשלחה אליך משום שהגשת את הבקשה, או משום שהאינטגרציות של המוסד נמצאות באחריותך.
