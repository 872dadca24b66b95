# כשל של נמען Webhook: פעם אחת כשהדבר ודאי, ופעם אחת יום לפני ההשבתה.

subject = { $stage ->
    [last_day] בקרוב יושבת Webhook: { $host }
   *[failing] תקלה במסירה ל-Webhook: { $host }
}
title = { $stage ->
    [last_day] בקרוב יושבת Webhook
   *[failing] תקלה במסירה ל-Webhook
}

received-nothing = השרת המקבל של Webhook של { $institution } לא קיבל דבר מאז { $since }.
trying = אנו ממשיכים לנסות. אם המצב יימשך, נודיע שוב לפני השבתת ה-Webhook.
switched-off-soon = אם לא יקבל דבר עד { $at }, נשבית את ה-Webhook.

webhook = מזהה Webhook
address = כתובת
failing-since = תחילת התקלה
failed-attempts = ניסיונות שנכשלו
last-time = השגיאה האחרונה
waiting = ממתינות
given-up = הופסקו
switched-off = מועד ההשבתה

deliveries = { $more ->
    [yes] יותר מ-{ $count } מסירות
   *[no] { $count ->
        [one] מסירה אחת
        [two] שתי מסירות
       *[other] { $count } מסירות
    }
}

what-to-do = מה לעשות:
repair = יש לתקן את השרת המקבל. כל תשובה בין 200 ל-299 שמתקבלת בזמן נחשבת לקבלה.
test = יש לבדוק את פעולתו בעזרת בדיקה:
replay = מה שממתין יימסר מעצמו. מסירות שהופסקו נשמרות ביומן, וניתן לשלוח את כולן מחדש בבת אחת:

when-we-write = אנו כותבים פעם אחת כששרת מתחיל להיכשל, פעם אחת יום לפני ההשבתה ופעם אחת עם ההשבתה.
