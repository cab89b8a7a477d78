// The chat's page: no framework, and no markup made of what people write.

const $ = (id) => document.getElementById(id);

/** @type {WebSocket | null} */
let socket = null;
let you = "";
let members = new Set();
let lastSpeaker = null;
let attempts = 0;
let leaving = false;

$("name").value = sessionStorage.getItem("name") ?? "";
if (location.hash.length > 1) $("room").value = decodeURIComponent(location.hash.slice(1));

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("name", $("name").value);
  location.hash = encodeURIComponent($("room").value);
  leaving = false;
  $("log").replaceChildren();
  connect();
});

$("leave").addEventListener("click", () => {
  leaving = true;
  socket?.close(1000);
});

$("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = $("text").value.trim();
  if (text === "" || socket?.readyState !== WebSocket.OPEN) return;
  socket.send(text);
  $("text").value = "";
});

function connect() {
  const url = new URL("chat", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  url.hash = "";
  url.search = new URLSearchParams({ name: $("name").value, room: $("room").value });
  $("state").textContent = "Connecting…";
  socket = new WebSocket(url);
  socket.addEventListener("message", ({ data }) => show(JSON.parse(data)));
  socket.addEventListener("close", closed);
}

function closed() {
  socket = null;
  if (leaving) return enterScreen(true);
  // The longer the server is away, the more rarely it is asked.
  attempts += 1;
  const seconds = Math.min(30, 2 ** attempts);
  $("state").textContent = `Not connected. Trying again in ${seconds} s…`;
  setTimeout(() => leaving || connect(), seconds * 1000);
}

function enterScreen(outside) {
  $("door").hidden = !outside;
  $("chat").hidden = outside;
  $(outside ? "name" : "text").focus();
}

function show(event) {
  switch (event.type) {
    case "welcome":
      attempts = 0;
      you = event.you;
      members = new Set(event.members);
      lastSpeaker = null;
      $("log").replaceChildren();
      $("topic").textContent = $("room").value;
      document.title = `${$("room").value} · Chat`;
      $("state").textContent = `You are ${you}.`;
      for (const saying of event.history) addSaying(saying);
      enterScreen(false);
      break;
    case "said":
      addSaying(event);
      break;
    case "presence":
      for (const name of event.joined) members.add(name);
      for (const name of event.left) members.delete(name);
      addNote(
        event.joined.filter((name) => name !== you),
        "came in",
      );
      addNote(event.left, "left");
      break;
    case "missed":
      addLine(`Your connection is slow: ${event.count} messages were left out.`);
      break;
    case "goodbye":
      addLine(event.text);
      break;
  }
  showMembers();
}

function addSaying({ from, text, at }) {
  const item = element("li", `saying${from === you ? " own" : ""}`);
  const time = new Date(at);
  if (from !== lastSpeaker) {
    item.classList.add("first");
    const by = element("span", "by");
    const clock = element("time", "", time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
    clock.dateTime = time.toISOString();
    by.append(element("b", "", from), " ", clock);
    item.append(face(from), by);
  }
  item.append(element("span", "words", text));
  lastSpeaker = from;
  add(item);
}

function addNote(names, what) {
  if (names.length === 0) return;
  const others = names.length > 3 ? ` and ${names.length - 3} others` : "";
  addLine(`${names.slice(0, 3).join(", ")}${others} ${what}.`);
}

function addLine(text) {
  lastSpeaker = null;
  add(element("li", "note", text));
}

/** Adds a line, and keeps the newest in view unless somebody is reading further up. */
function add(item) {
  const log = $("log");
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  log.append(item);
  while (log.childElementCount > 500) log.firstElementChild.remove();
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function showMembers() {
  $("count").textContent = String(members.size);
  const shown = [...members].sort((a, b) => a.localeCompare(b)).slice(0, 200);
  $("members").replaceChildren(
    ...shown.map((name) => {
      const item = element("li", "");
      item.append(face(name), name === you ? `${name} (you)` : name);
      return item;
    }),
  );
}

/** A disc with initials, in a colour of the name's own. */
function face(name) {
  const initials = name
    .split(" ")
    .map((word) => [...word][0])
    .join("")
    .slice(0, 2)
    .toUpperCase();
  const disc = element("span", "face", initials);
  disc.setAttribute("aria-hidden", "true");
  const hue = [...name].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 360, 7);
  disc.style.background = `hsl(${hue} 50% 32%)`;
  return disc;
}

function element(tag, className, text = "") {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
}
