const WORDS = {
  en: {
    confirm: "Do you want the report “{report}”?", ask: "{institution} would like to send it to you.", confirmNow: "Yes, send it to me",
    confirmed: "You get the report from now on. Every letter has a link to get it no more.", file: "The figures of your report", fetch: "They come as a table (CSV).",
    fileNow: "Get the table", fetched: "The table is on its way into your downloads.", unsubscribe: "Get this report no more?", leave: "Nobody else is affected.",
    unsubscribeNow: "Unsubscribe", left: "You get this report no more.", stays: "You may close this page.", none: "This link does not work any more",
    not_found: "It is too old, was cut off on its way, or a newer letter has another.", rate_limited: "Too many tries. Wait a while.", failed: "That did not work. Try again in a while.",
  },
  ko: {
    confirm: "보고서 ‘{report}’을(를) 받으시겠습니까?", ask: "{institution}에서 이 보고서를 보내 드리고자 합니다.", confirmNow: "예, 받겠습니다",
    confirmed: "이제부터 보고서를 보내 드립니다. 모든 메일에 수신 거부 링크가 있습니다.", file: "보고서의 수치", fetch: "표(CSV)로 받으실 수 있습니다.",
    fileNow: "표 받기", fetched: "표를 내려받고 있습니다.", unsubscribe: "이 보고서를 더 이상 받지 않으시겠습니까?", leave: "다른 수신자에게는 영향이 없습니다.",
    unsubscribeNow: "수신 거부", left: "이 보고서는 더 이상 발송되지 않습니다.", stays: "이 페이지를 닫으셔도 됩니다.", none: "더 이상 사용할 수 없는 링크입니다",
    not_found: "너무 오래되었거나, 도중에 잘렸거나, 더 새로운 메일의 링크로 대체되었습니다.", rate_limited: "시도가 너무 많습니다. 잠시 기다려 주세요.", failed: "처리하지 못했습니다. 잠시 후 다시 시도하세요.",
  },
  ru: {
    confirm: "Хотите получать отчёт «{report}»?", ask: "Организация «{institution}» хотела бы присылать его вам.", confirmNow: "Да, присылайте",
    confirmed: "Теперь вы будете получать отчёт. В каждом письме есть ссылка, чтобы отписаться.", file: "Показатели вашего отчёта", fetch: "Они придут в виде таблицы (CSV).",
    fileNow: "Получить таблицу", fetched: "Таблица загружается.", unsubscribe: "Больше не получать этот отчёт?", leave: "Других получателей это не коснётся.",
    unsubscribeNow: "Отписаться", left: "Вы больше не получаете этот отчёт.", stays: "Страницу можно закрыть.", none: "Эта ссылка больше не действует",
    not_found: "Она устарела, обрезана по пути или заменена более новым письмом.", rate_limited: "Слишком много попыток. Подождите немного.", failed: "Не получилось. Попробуйте немного позже.",
  },
  fr: {
    confirm: "Voulez-vous recevoir le rapport « {report} » ?", ask: "{institution} souhaite vous l’envoyer.", confirmNow: "Oui, envoyez-le-moi",
    confirmed: "Vous recevez désormais le rapport. Chaque lettre contient un lien pour ne plus le recevoir.", file: "Les chiffres de votre rapport", fetch: "Ils viennent sous forme de tableau (CSV).",
    fileNow: "Télécharger le tableau", fetched: "Le tableau arrive dans vos téléchargements.", unsubscribe: "Ne plus recevoir ce rapport ?", leave: "Personne d’autre n’est concerné.",
    unsubscribeNow: "Se désabonner", left: "Vous ne recevez plus ce rapport.", stays: "Vous pouvez fermer cette page.", none: "Ce lien ne fonctionne plus",
    not_found: "Il est trop ancien, a été tronqué, ou une lettre plus récente en porte un autre.", rate_limited: "Trop d’essais. Patientez un peu.", failed: "Cela n’a pas fonctionné. Réessayez un peu plus tard.",
  },
  he: {
    confirm: "לקבל את הדוח „{report}”?", ask: "{institution} מבקש לשלוח אותו אליך.", confirmNow: "כן, נא לשלוח אליי",
    confirmed: "מעתה יישלח אליך הדוח. בכל הודעה יש קישור להסרה.", file: "הנתונים של הדוח שלך", fetch: "הם מתקבלים כטבלה (CSV).",
    fileNow: "קבלת הטבלה", fetched: "הטבלה יורדת אל ההורדות שלך.", unsubscribe: "לא לקבל עוד את הדוח הזה?", leave: "אין לכך השפעה על נמענים אחרים.",
    unsubscribeNow: "הסרה", left: "הדוח לא יישלח אליך עוד.", stays: "אפשר לסגור את הדף.", none: "הקישור אינו פועל עוד",
    not_found: "הוא ישן מדי, נקטע בדרך, או שבהודעה חדשה יותר יש קישור אחר.", rate_limited: "יותר מדי ניסיונות. יש להמתין מעט.", failed: "זה לא הצליח. כדאי לנסות שוב מעט מאוחר יותר.",
  },
};
const what = document.body.dataset.what;
const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";

async function ask(path) {
  const answer = await post(path, { token });
  return answer.ok ? { answer } : { code: (await answer.json()).code || "failed" };
}

async function keep(answer) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = (answer.headers.get("Content-Disposition") || "").split('"')[1] || "report.csv";
  link.click();
}

// Each page: what its button calls, and what is said then.
const DEEDS = {
  confirm: { path: "/api/report-confirmations/accept", title: "confirmed", lead: "stays" },
  file: { path: "/api/report-files", title: "file", lead: "fetched", then: keep },
  unsubscribe: { path: location.pathname, title: "left", lead: "stays" },
};

at("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("send").disabled = true;
  at("fault").textContent = "";
  const { path, title, lead, then } = DEEDS[what];
  const { answer, code } = await ask(path).catch(() => ({ code: "failed" }));
  at("send").disabled = false;
  if (code) {
    at("fault").textContent = say(code);
    return;
  }
  await (then || (() => {}))(answer);
  show(title, lead, null);
});

async function begin() {
  speak([...navigator.languages]);
  if (what === "left") {
    return show("left", "stays", null);
  }
  if (what === "unsubscribe") {
    return show("unsubscribe", "leave", "unsubscribeNow");
  }
  // The token leaves the address bar, and with it what a browser remembers of the page.
  history.replaceState(null, "", location.pathname);
  if (what === "file") {
    return show("file", "fetch", "fileNow");
  }
  const { answer, code } = await ask("/api/report-confirmations/preview").catch(() => ({ code: "failed" }));
  if (code) {
    return show("none", code, null);
  }
  const { data } = await answer.json();
  speak([data.locale]);
  shown = { institution: data.institution_name, report: data.report_name };
  show("confirm", "ask", "confirmNow");
}

begin();
