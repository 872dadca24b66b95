# הזמנה להצטרף למוסד.

subject = הוזמנת אל { $institution }
title = הצטרפות אל { $institution }
what = קיבלת הזמנה מאת { $name } להצטרף אל { $institution } { $role ->
    [owner] בתפקיד בעלים
    [admin] בתפקיד מנהל מערכת
    [billing_admin] לטיפול בחיובים
    [manager] בתפקיד אחראי קבוצות
    [support] למתן תמיכה לחברים
    [integrator] לחיבור המערכות
    [auditor] לעיון ברישומים
   *[learner] לשם למידה
}.
what-nobody = קיבלת הזמנה להצטרף אל { $institution } { $role ->
    [owner] בתפקיד בעלים
    [admin] בתפקיד מנהל מערכת
    [billing_admin] לטיפול בחיובים
    [manager] בתפקיד אחראי קבוצות
    [support] למתן תמיכה לחברים
    [integrator] לחיבור המערכות
    [auditor] לעיון ברישומים
   *[learner] לשם למידה
}.
join = בחירת סיסמה והצטרפות
address = הכתובת שלך לכניסה
until = הקישור תקף עד
yours-alone = הקישור מיועד לך בלבד; אין להעביר אותו לאחרים.
not-you = אם לא ציפית להזמנה, אין צורך לעשות דבר; איש אינו מצטרף בלעדיך.
why = הודעה זו נשלחה אליך משום שהמוסד מסר לנו את כתובתך.
