const WORDS = {
  en: {
    title: "Verify a document", ask: "Type the code that stands on the document.", code: "Code", send: "Verify",
    valid: "The document is valid. Compare it with what stands here.", expired: "The document was issued as shown here, and its time is over: the levels may be others by now.",
    revoked: "The institution has taken this document back. It is not valid.", not_found: "There is no document with this code.",
    failed: "That did not work. Try again in a while.", rate_limited: "Too many tries. Wait a while.",
    institution_name: "Issued by", name: "Name", language: "Language", level: "Overall level", listening: "Listening", reading: "Reading",
    speaking: "Speaking", writing: "Writing", as_of: "As of", issued_on: "Issued on", valid_until: "Valid until",
  },
  ko: {
    title: "문서 확인", ask: "문서에 적힌 코드를 입력하세요.", code: "코드", send: "확인",
    valid: "유효한 문서입니다. 아래 내용과 비교하세요.", expired: "아래와 같이 발급된 문서이지만 유효 기한이 지났습니다. 현재 수준은 다를 수 있습니다.",
    revoked: "기관이 이 문서를 취소했습니다. 유효하지 않습니다.", not_found: "이 코드의 문서가 없습니다.",
    failed: "처리하지 못했습니다. 잠시 후 다시 시도하세요.", rate_limited: "시도가 너무 많습니다. 잠시 기다려 주세요.",
    institution_name: "발급 기관", name: "이름", language: "언어", level: "종합 수준", listening: "듣기", reading: "읽기",
    speaking: "말하기", writing: "쓰기", as_of: "기준일", issued_on: "발급일", valid_until: "유효 기한",
  },
  ru: {
    title: "Проверка документа", ask: "Введите код, указанный в документе.", code: "Код", send: "Проверить",
    valid: "Документ действителен. Сравните его с тем, что показано здесь.", expired: "Документ выдан, как показано здесь, но срок его действия истёк: уровень мог измениться.",
    revoked: "Организация отозвала этот документ. Он недействителен.", not_found: "Документа с таким кодом нет.",
    failed: "Не получилось. Попробуйте немного позже.", rate_limited: "Слишком много попыток. Подождите немного.",
    institution_name: "Кем выдан", name: "Имя", language: "Язык", level: "Общий уровень", listening: "Аудирование", reading: "Чтение",
    speaking: "Говорение", writing: "Письмо", as_of: "По состоянию на", issued_on: "Дата выдачи", valid_until: "Действителен до",
  },
  fr: {
    title: "Vérifier un document", ask: "Saisissez le code qui figure sur le document.", code: "Code", send: "Vérifier",
    valid: "Le document est valable. Comparez-le avec ce qui est affiché ici.", expired: "Le document a été délivré comme affiché ici, mais il n’est plus valable : les niveaux ont pu changer.",
    revoked: "L’établissement a retiré ce document. Il n’est pas valable.", not_found: "Aucun document ne porte ce code.",
    failed: "Cela n’a pas fonctionné. Réessayez un peu plus tard.", rate_limited: "Trop d’essais. Patientez un peu.",
    institution_name: "Délivré par", name: "Nom", language: "Langue", level: "Niveau global", listening: "Compréhension orale", reading: "Compréhension écrite",
    speaking: "Expression orale", writing: "Expression écrite", as_of: "État au", issued_on: "Délivré le", valid_until: "Valable jusqu’au",
  },
  he: {
    title: "אימות מסמך", ask: "יש להקליד את הקוד שעל המסמך.", code: "קוד", send: "אימות",
    valid: "המסמך תקף. יש להשוות אותו עם מה שמוצג כאן.", expired: "המסמך הונפק כפי שמוצג כאן, אך תוקפו פג: ייתכן שהרמות השתנו.",
    revoked: "המוסד ביטל מסמך זה. הוא אינו תקף.", not_found: "אין מסמך עם הקוד הזה.",
    failed: "זה לא הצליח. כדאי לנסות שוב מעט מאוחר יותר.", rate_limited: "יותר מדי ניסיונות. יש להמתין מעט.",
    institution_name: "הונפק על ידי", name: "שם", language: "שפה", level: "רמה כוללת", listening: "הבנת הנשמע", reading: "הבנת הנקרא",
    speaking: "דיבור", writing: "כתיבה", as_of: "נכון לתאריך", issued_on: "הונפק בתאריך", valid_until: "בתוקף עד",
  },
};
const tag = speak([...navigator.languages]);
const dates = ["as_of", "issued_on", "valid_until"];

function written(key, value) {
  if (!value) return "—";
  if (dates.includes(key)) return new Intl.DateTimeFormat(tag, { dateStyle: "long", timeZone: "UTC" }).format(new Date(value));
  if (key === "language") return new Intl.DisplayNames([tag], { type: "language" }).of(value) || value;
  return value;
}

function tell(said) {
  const rows = { ...said, ...said.skills };
  const keys = ["institution_name", "name", "language", "level", "listening", "reading", "speaking", "writing", ...dates];
  const cell = (kind, text) => Object.assign(document.createElement(kind), { textContent: text, dir: "auto" });
  at("facts").replaceChildren(...keys.flatMap((key) => [cell("dt", say(key)), cell("dd", written(key, rows[key]))]));
  at("facts").hidden = false;
}

async function verify(code) {
  at("facts").hidden = true;
  at("send").disabled = true;
  try {
    const answer = await post("/api/public/cefr-verifications", { code });
    const { data, code: refused } = await answer.json();
    at("lead").textContent = say(answer.ok ? data.status : refused);
    if (answer.ok) tell(data);
  } catch {
    at("lead").textContent = say("failed");
  }
  at("send").disabled = false;
}

show("title", "ask", "send");
at("code-label").textContent = say("code");
at("form").addEventListener("submit", (event) => {
  event.preventDefault();
  verify(at("form").elements.code.value);
});
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  at("form").elements.code.value = code;
  verify(code);
}
