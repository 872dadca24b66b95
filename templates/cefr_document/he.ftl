title = דוח רמת שפה
name = שם
lang = שפה
overall = רמה כוללת
as_of = נכון לתאריך
skills = לפי מיומנות
listening = הבנת הנשמע
reading = הבנת הנקרא
speaking = דיבור
writing = כתיבה
status-assessed = הוערך
status-provisional = זמני
status-insufficient_evidence = אין די ראיות
status-expired = הראיות ישנות
evidence = { $count ->
    [one] ראיה אחת
    [two] שתי ראיות
   *[other] { $count } ראיות
}
confidence = ודאות { $count }%
target = יעד: { $level }
target_by = יעד: { $level } עד { $date }
method = הרמות הן של מסגרת הייחוס האירופית המשותפת לשפות (CEFR, הכרך הנלווה, 2020), מ־Pre-A1 עד C2. הרמה הכוללת היא הגבוהה ביותר שאליה הגיעו לפחות שלוש מארבע המיומנויות; היא אינה ממוצע.
verify = אימות המסמך
verify_how = פתחו את הכתובת או סרקו את הקוד, והשוו עם מה שמוצג שם.
code = קוד
issued = הונפק בתאריך { $date }
valid = בתוקף עד { $date }
institution = הונפק על ידי
language-en = אנגלית
language-ko = קוריאנית
language-ru = רוסית
language-fr = צרפתית
language-he = עברית
language-de = גרמנית
language-es = ספרדית
language-it = איטלקית
language-ja = יפנית
language-zh = סינית
language-pt = פורטוגזית
language-nl = הולנדית
language-ar = ערבית
language-tr = טורקית
