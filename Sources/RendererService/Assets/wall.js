// The page is complete without this file. It adds local times and live messages.
'use strict';
(() => {
  const { byId } = page;
  const list = byId('messages');

  // Times: relative for a day, then local, and short: they have the room of a short line. The exact one on demand.
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  const recent = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' });
  const old = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
  const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
  const spell = (time) => {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) return;
    const seconds = (date - Date.now()) / 1000;
    const age = Math.abs(seconds);
    time.title = exact.format(date);
    if (time.classList.contains('exact')) time.textContent = time.title;
    else if (age < 45) time.textContent = relative.format(0, 'second');
    else if (age < 3600) time.textContent = relative.format(Math.round(seconds / 60) || -1, 'minute');
    else if (age < 86400) time.textContent = relative.format(Math.round(seconds / 3600), 'hour');
    else time.textContent = (age < 300 * 86400 ? recent : old).format(date);
  };
  const spellAll = (root) => root.querySelectorAll('time').forEach(spell);
  spellAll(document);
  setInterval(() => spellAll(document), 60000);

  // A day begins at the reader's midnight, which only the browser knows.
  const since = byId('since');
  if (since) {
    since.form.addEventListener('formdata', ({ formData }) => {
      const ahead = -new Date(`${since.value}T00:00`).getTimezoneOffset();
      if (Number.isNaN(ahead)) return;
      const two = (number) => String(Math.floor(number)).padStart(2, '0');
      formData.set('zone', `${ahead < 0 ? '-' : '+'}${two(Math.abs(ahead) / 60)}:${two(Math.abs(ahead) % 60)}`);
    });
  }

  // Live messages.
  if (!list || !list.dataset.events || !window.EventSource) return;
  const live = byId('live');
  const announce = byId('announce');
  const title = document.title;
  const kept = 300;
  let waiting = [];
  let counted = 0;  // came too fast to be told one by one: on the newest page only
  let unread = 0;
  let more = null;

  const isOlder = (a, b) => {
    const difference = Number(a.dataset.time) - Number(b.dataset.time);
    return difference === 0 ? a.id < b.id : difference < 0;
  };
  const belongsFurtherDown = (article) =>
    byId('older') && list.lastElementChild && isOlder(article, list.lastElementChild);
  // A page that had all messages has no link to older ones.
  const linkOlder = () => {
    const nav = document.createElement('nav');
    nav.className = 'pager';
    nav.setAttribute('aria-label', 'Older messages');
    nav.innerHTML = '<a class="step" id="older" rel="next" href="?before=">Older messages →</a>';
    list.parentElement.append(nav);
    return nav.firstElementChild;
  };
  const insert = (article) => {
    if (byId(article.id)) return;
    let next = list.firstElementChild;
    while (next && isOlder(article, next)) next = next.nextElementSibling;
    list.insertBefore(article, next);
    if (!muting.isMuted(article)) article.classList.add('fresh');
    setTimeout(() => article.classList.remove('fresh'), 4000);
    spellAll(article);
    const empty = byId('empty');
    if (empty) empty.remove();
    if (list.childElementCount > kept) {
      list.lastElementChild.remove();
      const end = list.lastElementChild;
      const older = byId('older') || linkOlder();
      older.href = older.href.replace(/before=.*/, `before=${end.dataset.time}-${end.id}`);
    }
    muting.add(article);
  };
  const flush = () => {
    waiting.forEach(insert);
    waiting = [];
    if (counted) offerNew();
    else drop();
  };
  const drop = () => {
    if (isStale) return;
    if (more) more.remove();
    more = null;
  };
  let isStale = false;  // too much was missed: the page has to be loaded
  const offer = (label, action) => {
    if (isStale) [label, action] = ['Show what is new', () => location.reload()];
    if (!more) {
      more = document.createElement('button');
      more.type = 'button';
      more.className = 'more';
      document.body.append(more);
    }
    more.textContent = label;
    more.onclick = action;
  };
  const offerPage = () => {
    isStale = true;
    offer();
  };
  const isFresh = (article) => !muting.isMuted(article);
  const offerNew = () => {
    const count = counted + waiting.filter(isFresh).length;
    if (counted) offer(`${count} new`, () => location.reload());
    else if (count) offer(`${count} new`, () => { flush(); scrollTo({ top: 0 }); list.querySelector('article:not(.muted) a')?.focus({ preventScroll: true }); });
    else drop();
    return count;
  };
  const tell = (count, news) => {
    if (document.hidden) document.title = `(${unread += news}) ${title}`;
    announce.textContent = count > 1 ? `${count} new messages` : 'A new message';
  };
  const isReadingBelow = () => list.getBoundingClientRect().top < -40;
  const show = (article) => {
    if (belongsFurtherDown(article)) return;
    if (byId(article.id) || waiting.some((other) => other.id === article.id)) return;
    const isBelow = isReadingBelow();
    if (!isBelow) insert(article);
    else if (waiting.length < kept) waiting.push(article);
    else offerPage();
    // What the reader muted comes in silence.
    if (!isFresh(article)) return;
    tell(isBelow ? offerNew() : 1, 1);
  };
  // Too many at once, of which the server told only how many. Whether any is of this channel or author shows the page.
  const part = list.dataset.end || list.dataset.key;
  let looking, before;
  const look = async () => {
    looking = undefined;
    const text = await fetch(location.href).then((answer) => (answer.ok ? answer.text() : ''), () => '');
    const newest = new DOMParser().parseFromString(text, 'text/html');
    const articles = [...newest.querySelectorAll('article.message')];
    // A page does not reach back to what was here: between them is more.
    if (!text || (newest.getElementById('older') && !articles.some(({ id }) => before.has(id)))) {
      offerPage();
      return;
    }
    const fresh = articles.filter(({ id }) => !byId(id) && !waiting.some((other) => other.id === id));
    fresh.reverse().forEach((article) => show(document.adoptNode(article)));
  };
  const count = (news) => {
    if (part) {
      if (looking) return;
      looking = setTimeout(look, 5000 + Math.random() * 10000);
      before = new Set([...list.children, ...waiting].map(({ id }) => id));
      return;
    }
    counted += news;
    tell(offerNew(), news);
  };
  const authorOf = (article) => decodeURIComponent(article.querySelector('.author').getAttribute('href').split('/').pop());
  const hide = ({ id, key }) => {
    const isGone = (article) => (id ? article.id === id : authorOf(article) === key);
    waiting = waiting.filter((article) => !isGone(article));
    [...list.children].filter(isGone).forEach((article) => article.remove());
    muting.refresh();
    if (more && !isStale) offerNew();
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
  });
  addEventListener('scroll', () => { if (waiting.length && !isReadingBelow()) flush(); }, { passive: true });

  const status = (on) => {
    if (!on && live.hidden) return;  // the first one takes a moment
    live.hidden = false;
    live.classList.toggle('on', on);
    live.textContent = on ? 'Live' : 'Not live';
  };
  const take = ({ kind, data }) => {
    if (kind === 'reset') {
      offerPage();
      return;
    }
    const message = JSON.parse(data);
    if (kind === 'new') count(message.count);
    if (kind === 'hidden') hide(message);
    if (kind !== 'message') return;
    if (list.dataset.end && message.end !== list.dataset.end) return;
    if (list.dataset.key && message.key !== list.dataset.key) return;
    // The server made this and escaped what people wrote; the page's policy runs no script in it in any case.
    const template = document.createElement('template');
    template.innerHTML = message.html;
    const article = template.content.firstElementChild;
    if (article) show(article);
  };
  following({ address: list.dataset.events, last: list.dataset.last, onEvent: take, onState: status });
})();
