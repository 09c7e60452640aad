// The page is complete without this file. It adds local times, a byte counter, a kept draft and live messages.
'use strict';
(() => {
  const { keys, sign, asName, encoder, base64url, fromBase64url } = signing;
  const byId = (id) => document.getElementById(id);
  const list = byId('messages');
  const attempt = (work) => { try { return work(); } catch { return undefined; } };  // storage may be forbidden

  // Times: relative for a day, then local; the exact one on demand.
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
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
    else time.textContent = absolute.format(date);
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

  // Writing.
  const form = byId('compose');
  if (form) {
    const text = byId('text');
    const left = byId('left');
    const button = form.querySelector('button');
    const budget = Number(text.dataset.budget);
    const place = 'p2pmsg.draft ' + form.action;
    // A text travels as a JSON string: quotes, backslashes and newlines take two bytes.
    const size = (value) => encoder.encode(JSON.stringify(value)).length - 2;
    // What every message of this browser says of its author's name: undefined where nothing was ever said.
    let name = attempt(() => localStorage.getItem('p2pmsg.name')) ?? undefined;
    const nameSize = () => (signs && name !== undefined ? size(name) + '"+name":"",'.length : 0);
    const count = () => {
      const rest = budget - nameSize() - size(text.value);
      left.textContent = rest < 0 ? `${-rest} bytes too long` : rest < 200 ? `${rest} bytes left` : '';
      left.classList.toggle('over', rest < 0);
    };
    if (/^#[0-9a-f]{64}$/.test(location.hash) && attempt(() => sessionStorage.getItem(place))) {
      attempt(() => localStorage.removeItem(place));
    }
    attempt(() => sessionStorage.removeItem(place));
    if (!text.value) text.value = attempt(() => localStorage.getItem(place)) || '';
    text.addEventListener('input', () => {
      count();
      attempt(() => text.value ? localStorage.setItem(place, text.value) : localStorage.removeItem(place));
    });
    text.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(button);
    });
    const error = byId('error');
    const notice = byId('notice');
    const say = (element, words) => {
      element.textContent = words;
      element.hidden = !words;
    };
    const fail = (words) => {
      say(error, words);
      text.setAttribute('aria-invalid', 'true');
      text.focus();
    };
    let own;  // the key
    let signs = false;
    const toggle = Object.assign(document.createElement('button'), { type: 'button', className: 'link', textContent: 'Your name and key' });
    const openKeys = (isOpen) => {
      byId('keys').hidden = !isOpen;
      toggle.setAttribute('aria-expanded', String(isOpen));
    };
    toggle.setAttribute('aria-controls', 'keys');
    toggle.addEventListener('click', () => openKeys(byId('keys').hidden));
    openKeys(false);
    const showKey = () => {
      byId('key-none').hidden = byId('key-make').hidden = Boolean(own);
      byId('key-here').hidden = byId('key-forget').hidden = !own;
      const signer = byId('signer');
      byId('key-text').textContent = own ? own.text : '';
      if (!own) {
        signer.replaceChildren('Signed in this browser. ', toggle);
        return;
      }
      const digits = own.text.split(':')[1];
      const link = document.createElement('a');
      link.href = byId('key-link').href = form.dataset.authors + own.text;
      link.append(Object.assign(document.createElement('code'), { textContent: `${digits.slice(0, 6)}…${digits.slice(-4)}` }));
      signer.replaceChildren('Signed in this browser as ', link, '. ', toggle);
    };
    const adopt = async (key) => {
      await keys.save(key);
      own = key;
      showKey();
    };
    const post = async () => {
      if (!own) await adopt(await keys.make());
      const body = await sign(text.value, form.dataset.end, own, name);
      const response = await fetch(form.dataset.post, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) throw new Error(answer.error?.message || `the node answered ${response.status}`);
      return { id: answer.id, isStored: response.status === 201, relayed: answer.relayed };
    };
    const submit = async () => {
      button.disabled = true;
      say(error, '');
      say(notice, '');
      text.removeAttribute('aria-invalid');
      try {
        if (!text.value.trim()) throw new Error('there is nothing to send yet');
        const posted = await post();
        text.value = '';
        attempt(() => localStorage.removeItem(place));
        count();
        if (!posted.isStored) {
          say(notice, `${posted.relayed} other ${posted.relayed === 1 ? 'node has' : 'nodes have'} taken it. This node does not keep this channel, so it is not shown here.`);
        } else {
          // The stream brings it; where there is none, the page does.
          setTimeout(() => { if (!byId(posted.id)) location.reload(); }, list?.dataset.events && window.EventSource ? 3000 : 0);
        }
        text.focus();
      } catch (problem) {
        const words = problem instanceof TypeError ? 'the node cannot be reached' : problem.message;
        fail(`Not sent: ${words.replace(/\.$/, '')}. Your text is still here.`);
      } finally { button.disabled = false; }
    };
    form.addEventListener('submit', (event) => {
      if (signs) {
        event.preventDefault();
        submit();
        return;
      }
      attempt(() => sessionStorage.setItem(place, 'sent'));
      setTimeout(() => { button.disabled = true; });
    });
    const onClick = (id, work) => byId(id).addEventListener('click', () => work().catch((problem) => fail(`The key cannot be used: ${problem.message}`)));
    onClick('key-make', async () => {
      const seed = crypto.getRandomValues(new Uint8Array(32));
      const file = new Blob([`p2pmsg-key 1 ed25519\n${base64url(seed)}\n`], { type: 'text/plain' });
      const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(file), download: 'p2pmsg-key.txt' });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60000);
      await adopt(await keys.fromSeed(seed));
    });
    onClick('key-use', async () => byId('key-file').click());
    byId('key-file').addEventListener('change', async (event) => {
      try {
        const [head, seed] = (await event.target.files[0].text()).split('\n');
        if (head !== 'p2pmsg-key 1 ed25519' || !/^[\w-]{43}$/.test(seed)) throw new Error('the file is no ed25519 key of p2pmsg');
        await adopt(await keys.fromSeed(fromBase64url(seed)));
        say(notice, 'From now on you write with this key.');
      } catch (problem) { fail(`The key cannot be used: ${problem.message}`); }
      event.target.value = '';
    });
    const nameField = byId('own-name');
    nameField.value = name ?? '';
    nameField.addEventListener('change', () => {
      const wanted = asName(nameField.value);
      nameField.setAttribute('aria-invalid', String(wanted === undefined));
      if (wanted === undefined) {
        say(notice, 'That cannot be a name: it is too long, or has characters that nobody sees.');
        return;
      }
      // Who never had a name has none to take back.
      if (name === undefined && !wanted) return;
      name = nameField.value = wanted;
      attempt(() => localStorage.setItem('p2pmsg.name', name));
      say(notice, name ? `Your messages will say that you are called ${name}.` : 'Your messages will say that you have no name.');
      count();
    });
    onClick('key-forget', async () => {
      if (!confirm('Without a copy, nobody can ever write with this key again. Forget it?')) return;
      await keys.forget();
      own = undefined;
      showKey();
    });
    keys.isSupported().then(async (isSupported) => {
      if (!isSupported) return;
      own = await keys.load();
      signs = true;
      form.classList.remove('waiting');
      byId('cannot')?.remove();
      showKey();
      count();
    });
    addEventListener('pageshow', () => { button.disabled = false; });
    count();
    if (!byId('error').hidden) {
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    }
  }

  // Live messages.
  if (!list || !list.dataset.events || !window.EventSource) return;
  const live = byId('live');
  const announce = byId('announce');
  const title = document.title;
  const kept = 300;
  let last = list.dataset.last;
  let waiting = [];
  let unread = 0;
  let more = null;

  const isOlder = (a, b) => {
    const difference = Number(a.dataset.time) - Number(b.dataset.time);
    return difference === 0 ? a.id < b.id : difference < 0;
  };
  const belongsFurtherDown = (article) =>
    byId('older') && list.lastElementChild && isOlder(article, list.lastElementChild);
  const insert = (article) => {
    if (byId(article.id)) return;
    let next = list.firstElementChild;
    while (next && isOlder(article, next)) next = next.nextElementSibling;
    const older = byId('older');
    list.insertBefore(article, next);
    if (!muting.isMuted(article)) article.classList.add('fresh');
    setTimeout(() => article.classList.remove('fresh'), 4000);
    spellAll(article);
    const empty = byId('empty');
    if (empty) empty.remove();
    if (older && list.childElementCount > kept) {
      list.lastElementChild.remove();
      const end = list.lastElementChild;
      older.href = older.href.replace(/before=.*/, `before=${end.dataset.time}-${end.id}`);
    }
    muting.add(article);
  };
  const flush = () => {
    waiting.forEach(insert);
    waiting = [];
    if (more) more.remove();
    more = null;
  };
  const offer = (label, action) => {
    if (!more) {
      more = document.createElement('button');
      more.type = 'button';
      more.className = 'more';
      document.body.append(more);
    }
    more.textContent = label;
    more.onclick = action;
  };
  const isReadingBelow = () => list.getBoundingClientRect().top < -40;
  const show = (article) => {
    if (belongsFurtherDown(article)) return;
    if (byId(article.id) || waiting.some((other) => other.id === article.id)) return;
    const isBelow = isReadingBelow();
    if (isBelow) waiting.push(article);
    else insert(article);
    // What the reader muted comes in silence.
    if (muting.isMuted(article)) return;
    const fresh = waiting.filter((other) => !muting.isMuted(other)).length;
    if (isBelow) offer(`${fresh} new`, () => { flush(); scrollTo({ top: 0 }); list.querySelector('article:not(.muted) a')?.focus({ preventScroll: true }); });
    if (document.hidden) document.title = `(${++unread}) ${title}`;
    announce.textContent = fresh > 1 ? `${fresh} new messages` : 'A new message';
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) return;
    unread = 0;
    document.title = title;
  });
  addEventListener('scroll', () => { if (waiting.length && !isReadingBelow()) flush(); }, { passive: true });

  const status = (on) => {
    live.hidden = false;
    live.classList.toggle('on', on);
    live.textContent = on ? 'Live' : 'Reconnecting';
  };
  let source;
  const connect = () => {
    source?.close();
    source = new EventSource(`${list.dataset.events}?last=${encodeURIComponent(last)}`);
    source.onopen = () => status(true);
    source.onerror = (event) => {
      status(false);
      // The browser connects again by itself, unless the server said no.
      if (event.target.readyState === EventSource.CLOSED && event.target === source) setTimeout(connect, 10000);
    };
    source.addEventListener('message', (event) => {
      last = event.lastEventId || last;
      const message = JSON.parse(event.data);
      if (list.dataset.end && message.end !== list.dataset.end) return;
      if (list.dataset.key && message.key !== list.dataset.key) return;
      // The server made this and escaped what people wrote; the page's policy runs no script in it in any case.
      const template = document.createElement('template');
      template.innerHTML = message.html;
      const article = template.content.firstElementChild;
      if (article) show(article);
    });
    source.addEventListener('reset', (event) => {
      last = event.lastEventId || last;
      offer('Show what is new', () => location.reload());
    });
  };
  connect();
  addEventListener('pagehide', () => source.close());
  addEventListener('pageshow', (event) => { if (event.persisted) connect(); });
  // A machine that slept does not know for minutes that its connection is gone: who comes back connects anew.
  let awake = Date.now();
  const wake = () => {
    if (document.hidden) return;
    const slept = Date.now() - awake > 30000;
    awake = Date.now();
    if (slept) connect();
  };
  setInterval(wake, 1000);
  document.addEventListener('visibilitychange', wake);
  addEventListener('online', connect);
})();
