# Webhook הושבת: השרת המקבל אינו קיים עוד, או נכשל במשך ימים.

subject = { $reason ->
    [gone] Webhook הושבת, השרת המקבל אינו קיים עוד: { $host }
   *[failing] Webhook הושבת, השרת המקבל נכשל שוב ושוב: { $host }
}
title = ה-Webhook הושבת

what-happened = { $reason ->
    [gone] השרת המקבל של Webhook של { $institution } השיב ”‎410 Gone‎“, כלומר ביקש לא לשלוח אליו דבר נוסף. השבתנו את ה-Webhook.
   *[failing] השרת המקבל של Webhook של { $institution } נכשל בכל ניסיון במשך ימים. השבתנו את ה-Webhook.
}

webhook = מזהה Webhook
address = כתובת
failing-since = תחילת התקלה
last-time = השגיאה האחרונה
switched-off = מועד ההשבתה
not-received = לא התקבלו

deliveries = { $more ->
    [yes] יותר מ-{ $count } מסירות
   *[no] { $count ->
        [one] מסירה אחת
        [two] שתי מסירות
       *[other] { $count } מסירות
    }
}

nothing-lost = דבר לא אבד: מה שלא התקבל נשמר ביומן, ומה שקורה בינתיים נרשם.
what-to-do = מה לעשות:
repair = יש לתקן את השרת המקבל.
switch-on = יש להפעיל מחדש את ה-Webhook; בתשובה מצוין ממתי יש לשלוח שוב:
replay = יש לבקש משלוח של כל מה שלא התקבל ושל מה שקרה בינתיים:
