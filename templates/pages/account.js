const WORDS = {
  en: {
    join: "Join {institution}", invited: "{email} is invited. Choose a password and join.", lost: "Set another password",
    ask: "We send a link to your address.", choose: "Choose another password.", email: "Address", name: "Name",
    password: "Password, 8 characters or more", otp: "One-time password or recovery code", send: "Send", joinNow: "Join", set: "Set the password",
    joined: "You have joined. Sign in with {email} and your password.", done: "The password is set, and all sessions have ended. Sign in with it.",
    sent: "If the address is known, a letter with a link is on its way.", failed: "That did not work. Try again in a while.",
    invitation_not_found: "This link is none of ours, or a newer letter replaced it.", invitation_expired: "The invitation has expired. Ask for another letter.",
    invitation_revoked: "The invitation was taken back.", invitation_accepted: "You have joined already. Sign in with your password.",
    tenant_suspended: "The institution is suspended at present.", password_reset_invalid: "The link was used, is too old, or a newer letter replaced it. Ask for another.",
    rate_limited: "Too many tries. Wait a while.", otp_required: "A second factor is asked for.", otp_invalid: "The one-time password is wrong or was used; wait for the next one.",
    validation_failed: "Please look at the fields again.",
  },
  ko: {
    join: "{institution} 가입", invited: "{email} 님이 초대되었습니다. 비밀번호를 정하고 가입하세요.", lost: "비밀번호 재설정",
    ask: "주소로 링크를 보내 드립니다.", choose: "새 비밀번호를 정하세요.", email: "이메일 주소", name: "이름",
    password: "비밀번호 (8자 이상)", otp: "일회용 비밀번호 또는 복구 코드", send: "보내기", joinNow: "가입", set: "비밀번호 설정",
    joined: "가입되었습니다. {email} 주소와 비밀번호로 로그인하세요.", done: "비밀번호가 설정되었고 모든 세션이 종료되었습니다. 새 비밀번호로 로그인하세요.",
    sent: "등록된 주소라면 링크가 담긴 메일이 곧 도착합니다.", failed: "처리하지 못했습니다. 잠시 후 다시 시도하세요.",
    invitation_not_found: "올바른 링크가 아니거나 더 새로운 메일로 대체되었습니다.", invitation_expired: "초대가 만료되었습니다. 새 메일을 요청하세요.",
    invitation_revoked: "초대가 취소되었습니다.", invitation_accepted: "이미 가입하셨습니다. 비밀번호로 로그인하세요.",
    tenant_suspended: "기관이 현재 일시 중지되었습니다.", password_reset_invalid: "링크가 이미 사용되었거나 만료되었거나 더 새로운 메일로 대체되었습니다. 다시 요청하세요.",
    rate_limited: "시도가 너무 많습니다. 잠시 기다려 주세요.", otp_required: "두 번째 인증이 필요합니다.", otp_invalid: "일회용 비밀번호가 잘못되었거나 이미 사용되었습니다. 다음 번호를 기다리세요.",
    validation_failed: "입력란을 다시 확인하세요.",
  },
  ru: {
    join: "Присоединиться: {institution}", invited: "Приглашение для {email}. Придумайте пароль и присоединяйтесь.", lost: "Новый пароль",
    ask: "Мы отправим ссылку на ваш адрес.", choose: "Придумайте новый пароль.", email: "Адрес", name: "Имя",
    password: "Пароль, не менее 8 знаков", otp: "Одноразовый пароль или код восстановления", send: "Отправить", joinNow: "Присоединиться", set: "Сохранить пароль",
    joined: "Вы присоединились. Входите с адресом {email} и вашим паролем.", done: "Пароль сохранён, все сеансы завершены. Войдите с новым паролем.",
    sent: "Если адрес известен, письмо со ссылкой уже в пути.", failed: "Не получилось. Попробуйте немного позже.",
    invitation_not_found: "Ссылка не наша, или её заменило более новое письмо.", invitation_expired: "Приглашение истекло. Попросите новое письмо.",
    invitation_revoked: "Приглашение отозвано.", invitation_accepted: "Вы уже присоединились. Войдите со своим паролем.",
    tenant_suspended: "Организация сейчас приостановлена.", password_reset_invalid: "Ссылка использована, устарела или заменена более новым письмом. Запросите новую.",
    rate_limited: "Слишком много попыток. Подождите немного.", otp_required: "Нужен второй фактор.", otp_invalid: "Одноразовый пароль неверен или уже использован; дождитесь следующего.",
    validation_failed: "Проверьте поля ещё раз.",
  },
  fr: {
    join: "Rejoindre {institution}", invited: "{email} est invité. Choisissez un mot de passe pour rejoindre.", lost: "Nouveau mot de passe",
    ask: "Nous envoyons un lien à votre adresse.", choose: "Choisissez un nouveau mot de passe.", email: "Adresse", name: "Nom",
    password: "Mot de passe, 8 caractères ou plus", otp: "Mot de passe à usage unique ou code de secours", send: "Envoyer", joinNow: "Rejoindre", set: "Enregistrer le mot de passe",
    joined: "Vous avez rejoint l’établissement. Connectez-vous avec {email} et votre mot de passe.", done: "Le mot de passe est enregistré et toutes les sessions sont closes. Connectez-vous.",
    sent: "Si l’adresse est connue, une lettre avec un lien est en route.", failed: "Cela n’a pas fonctionné. Réessayez un peu plus tard.",
    invitation_not_found: "Ce lien n’est pas des nôtres, ou une lettre plus récente l’a remplacé.", invitation_expired: "L’invitation a expiré. Demandez une autre lettre.",
    invitation_revoked: "L’invitation a été retirée.", invitation_accepted: "Vous avez déjà rejoint l’établissement. Connectez-vous.",
    tenant_suspended: "L’établissement est suspendu pour l’instant.", password_reset_invalid: "Le lien a servi, est trop ancien, ou une lettre plus récente l’a remplacé. Demandez-en un autre.",
    rate_limited: "Trop d’essais. Patientez un peu.", otp_required: "Un second facteur est demandé.", otp_invalid: "Le mot de passe à usage unique est faux ou a déjà servi ; attendez le suivant.",
    validation_failed: "Vérifiez les champs.",
  },
  he: {
    join: "הצטרפות אל {institution}", invited: "נשלחה הזמנה אל {email}. יש לבחור סיסמה ולהצטרף.", lost: "סיסמה חדשה",
    ask: "נשלח קישור לכתובת שלך.", choose: "יש לבחור סיסמה חדשה.", email: "כתובת", name: "שם",
    password: "סיסמה, 8 תווים לפחות", otp: "סיסמה חד־פעמית או קוד שחזור", send: "שליחה", joinNow: "הצטרפות", set: "שמירת הסיסמה",
    joined: "ההצטרפות הושלמה. אפשר להתחבר עם {email} והסיסמה.", done: "הסיסמה נשמרה וכל ההתחברויות הסתיימו. אפשר להתחבר איתה.",
    sent: "אם הכתובת מוכרת, הודעה עם קישור בדרך.", failed: "זה לא הצליח. כדאי לנסות שוב מעט מאוחר יותר.",
    invitation_not_found: "הקישור אינו שלנו, או שהודעה חדשה יותר החליפה אותו.", invitation_expired: "תוקף ההזמנה פג. אפשר לבקש הודעה נוספת.",
    invitation_revoked: "ההזמנה בוטלה.", invitation_accepted: "כבר הצטרפת. אפשר להתחבר עם הסיסמה.",
    tenant_suspended: "המוסד מושהה כעת.", password_reset_invalid: "הקישור נוצל, ישן מדי, או שהודעה חדשה יותר החליפה אותו. אפשר לבקש אחר.",
    rate_limited: "יותר מדי ניסיונות. יש להמתין מעט.", otp_required: "נדרש אימות נוסף.", otp_invalid: "הסיסמה החד־פעמית שגויה או שכבר נוצלה; יש להמתין לבאה.",
    validation_failed: "יש לבדוק שוב את השדות.",
  },
};
const form = at("form");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const isAccept = location.pathname === "/accept";

function invite(title, lead, fields, button) {
  show(title, lead, button);
  for (const name of ["email", "name", "password", "otp"]) {
    const label = at(name + "-field");
    label.hidden = !fields.includes(name);
    label.firstElementChild.textContent = say(name);
    form.elements[name].required = !label.hidden && name !== "otp";
  }
}

async function ask(path, body) {
  const answer = await post(path, body);
  const said = answer.status === 204 ? {} : await answer.json();
  return answer.ok ? { data: said.data } : { code: said.code || "failed" };
}

async function sent() {
  const { email, name, password, otp } = Object.fromEntries(new FormData(form));
  if (isAccept) {
    const body = { token, password, name };
    return ask("/api/invitations/accept", otp ? { ...body, otp } : body);
  }
  return token ? ask("/api/auth/password-reset/complete", { token, password }) : ask("/api/auth/password-reset", { email });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  at("send").disabled = true;
  at("fault").textContent = "";
  const { code } = await sent().catch(() => ({ code: "failed" }));
  at("send").disabled = false;
  if (!code) {
    show(isAccept ? "join" : "lost", isAccept ? "joined" : token ? "done" : "sent", null);
  } else {
    at("fault").textContent = say(code);
    // Once it was asked for, it stays.
    at("otp-field").hidden &&= !code.startsWith("otp_");
  }
});

async function begin() {
  // The token leaves the address bar, and with it what a browser remembers of the page.
  history.replaceState(null, "", location.pathname);
  speak([...navigator.languages]);
  if (!isAccept) {
    return token ? invite("lost", "choose", ["password"], "set") : invite("lost", "ask", ["email"], "send");
  }
  const { data, code } = await ask("/api/invitations/preview", { token: token || "" }).catch(() => ({ code: "failed" }));
  if (code) {
    return show(code, code, null);
  }
  speak([data.locale]);
  shown = { institution: data.institution_name, email: data.email };
  form.elements.email.value = data.email;
  form.elements.name.value = data.name;
  invite("join", "invited", ["name", "password"], "joinNow");
}

begin();
