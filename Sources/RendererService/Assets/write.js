// Writing: a byte counter, a kept draft, and messages that are signed here with the visitor's own key. The form of a node
// that signs for its visitors is there without this file; everything else is made by it.
'use strict';
const writing = (() => {
  const { keys, sign, asName, encoder, base64url, fromBase64url } = signing;
  const { byId, attempt, make, button, short } = page;
  const file = 'p2pmsg-key.txt';

  const begin = (form) => {
    const list = byId('messages');
    const text = byId('text');
    const left = byId('left');
    const post = form.querySelector('button');
    const budget = Number(text.dataset.budget);
    const place = 'p2pmsg.draft ' + form.action;
    // A text travels as a JSON string: quotes, backslashes and newlines take two bytes.
    const size = (value) => encoder.encode(JSON.stringify(value)).length - 2;
    let own;  // the key
    let spare;  // what a copy of the key is made of: known only to the page that made the key, until it is left
    let isOffered = false;  // whether somebody has to say yet if they want a copy
    let signs = false;
    // What every message of this browser says of its author's name: undefined where nothing was ever said.
    let name;
    const nameSize = () => (signs && name !== undefined ? size(name) + '"+name":"",'.length : 0);
    const count = () => {
      const rest = budget - nameSize() - size(text.value);
      const bytes = (number) => `${number} byte${number === 1 ? '' : 's'}`;
      left.textContent = rest < 0 ? `${bytes(-rest)} too long` : rest < 200 ? `${bytes(rest)} left` : '';
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
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit(post);
    });
    const error = byId('error');
    const notice = byId('notice');
    const say = (element, words) => {
      element.replaceChildren(words);
      element.hidden = !words;
    };
    const fail = (words) => {
      say(error, words);
      text.setAttribute('aria-invalid', 'true');
      text.focus();
    };
    const orFail = (work) => () => work().catch((problem) => fail(`The key cannot be used: ${problem.message}.`));

    // The panel of name and key.
    const panel = make('div', { className: 'keys', id: 'keys', hidden: true });
    const toggle = button('Your name and key', 'link', () => openKeys(panel.hidden), { 'aria-controls': 'keys' });
    const openKeys = (isOpen) => {
      panel.hidden = !isOpen;
      toggle.setAttribute('aria-expanded', String(isOpen));
    };
    const link = () => make('a', { href: form.dataset.authors + own.text });
    const showKey = () => {
      const signer = ['Signed in this browser'];
      if (own) {
        const author = link();
        if (name) author.append(make('bdi', { textContent: name }), ' ');
        author.append(make('code', { textContent: short(own.text) }));
        signer.push(' as ', author);
      }
      byId('signer').replaceChildren(...signer, '. ', toggle);
      const whole = own && link();
      whole?.append(make('code', { id: 'key-text', textContent: own.text }));
      about.replaceChildren(...(!own ? [
        'Your first message makes a key in this browser. Then you can save a copy of it, to write with elsewhere, or when this browser’s data was cleared.',
      ] : ['Your key is in this browser: ', whole, spare ? '. A copy can be made until you leave this page.' : '. No copy of it can be made any more.']));
      making.hidden = Boolean(own);
      saving.hidden = !own || !spare;
      forgetting.hidden = !own;
    };

    const nameField = make('input', { id: 'own-name', maxLength: 48, autocomplete: 'nickname', dir: 'auto', form: 'name-form', 'aria-describedby': 'own-name-help' });
    const setName = (wanted) => {
      name = wanted;
      nameField.value = name ?? '';
      attempt(() => name === undefined ? localStorage.removeItem('p2pmsg.name') : localStorage.setItem('p2pmsg.name', name));
      showKey();
      count();
    };
    // Its own form, so that Enter saves the name, and does not post.
    const nameForm = make('form', { id: 'name-form', hidden: true });
    nameForm.onsubmit = (event) => {
      event.preventDefault();
      const wanted = asName(nameField.value);
      nameField.setAttribute('aria-invalid', String(wanted === undefined));
      if (wanted === undefined) {
        say(notice, 'That cannot be a name: it is too long, or has characters that nobody sees.');
        return;
      }
      // Who never had a name has none to take back.
      setName(wanted || name !== undefined ? wanted : undefined);
      say(notice, name ? `Saved. Your messages will say that you are called ${name}.` : 'Saved. Your messages will say that you have no name.');
    };

    const adopt = async (key, seed) => {
      await keys.save(key);
      // A name is its key's.
      if (own && own.text !== key.text) setName(undefined);
      own = key;
      spare = seed;
      isOffered = Boolean(seed);
      showKey();
    };
    const makeKey = async () => {
      const seed = crypto.getRandomValues(new Uint8Array(32));
      await adopt(await keys.fromSeed(seed), seed);
    };
    const saveCopy = () => {
      const copy = new Blob([`p2pmsg-key 1 ed25519\n${base64url(spare)}\n`], { type: 'text/plain' });
      const download = make('a', { href: URL.createObjectURL(copy), download: file });
      download.click();
      setTimeout(() => URL.revokeObjectURL(download.href), 60000);
      isOffered = false;
      say(notice, `A copy of your key is saved as ${file}, where this browser puts downloads. Keep it safe: whoever has it can write as you.`);
    };
    const offerCopy = () => {
      say(notice, 'This browser has made a key for you. Without a copy of it, you can write as the same author in this browser only, and no longer once its data is cleared. It can be copied until you leave this page. ');
      notice.append(make('span', { className: 'row' }, button('Save a copy of your key', 'plain', saveCopy), button('Not now', 'plain', () => {
        isOffered = false;
        say(notice, '');
        text.focus();
      })));
    };
    const readFile = async (chosen) => {
      const [head, seed] = (await chosen.text()).split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line);
      if (head !== 'p2pmsg-key 1 ed25519' || !/^[\w-]{43}$/.test(seed)) throw new Error('the file is no ed25519 key of p2pmsg');
      await adopt(await keys.fromSeed(fromBase64url(seed)));
      say(notice, 'From now on you write with this key.');
    };
    const chooser = make('input', { type: 'file', id: 'key-file', 'aria-label': 'File of a key', hidden: true });
    chooser.onchange = async () => {
      await orFail(() => readFile(chooser.files[0]))();
      chooser.value = '';
    };
    const about = make('p', {});
    const making = button('Make a key now', 'plain', orFail(async () => {
      await makeKey();
      offerCopy();
    }));
    const saving = button('Save a copy of your key', 'plain', saveCopy, { id: 'key-save' });
    const forgetting = button('Forget this key', 'plain', orFail(async () => {
      if (!confirm('Without a copy, nobody can ever write with this key again. Forget it, and its name?')) return;
      await keys.forget();
      own = spare = undefined;
      isOffered = false;
      setName(undefined);
      say(notice, 'The key is forgotten, and its name.');
    }));
    panel.append(
      make('p', { className: 'field' }, make('label', { htmlFor: 'own-name', textContent: 'Your name' }),
        make('span', { className: 'row' }, nameField, make('button', { className: 'plain', textContent: 'Save', form: 'name-form' }))),
      make('p', { className: 'note', id: 'own-name-help', textContent: 'Shown beside your key, with every message that you write from now on. Others may take the same.' }),
      about, make('p', { className: 'row' }, making, saving, button('Use a key from a file', 'plain', () => chooser.click()), forgetting), chooser);

    // What another page of this browser did to key and name holds here, too.
    const lookAgain = async () => {
      const kept = await keys.load();
      if (kept?.text !== own?.text) [own, spare, isOffered] = [kept, undefined, false];
      name = attempt(() => localStorage.getItem('p2pmsg.name')) ?? undefined;
      nameField.value = name ?? '';
      showKey();
    };
    const send = async () => {
      await lookAgain();
      if (!own) await makeKey();
      const body = await sign(text.value, form.dataset.end, own, name);
      const response = await fetch(form.dataset.post, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) throw new Error(answer.error?.message || `the node answered ${response.status}`);
      return { id: answer.id, isStored: response.status === 201, relayed: answer.relayed };
    };
    const submit = async () => {
      post.disabled = true;
      say(error, '');
      say(notice, '');
      text.removeAttribute('aria-invalid');
      try {
        if (!text.value.trim()) throw new Error('there is nothing to send yet');
        const posted = await send();
        text.value = '';
        attempt(() => localStorage.removeItem(place));
        count();
        if (isOffered) offerCopy();
        if (!posted.isStored) {
          const nodes = posted.relayed === 1 ? 'node' : 'nodes';
          notice.prepend(posted.relayed
            ? `Passed on to ${posted.relayed} other ${nodes}, which may keep it or not. No store of this node has it, so it is not shown here. `
            : 'Not stored yet: this node can store no new message just now. The message waits in this node and is shown as soon as that is over. ');
          notice.hidden = false;
        } else {
          // The stream brings it; where there is none, the page does.
          setTimeout(() => { if (!byId(posted.id) && !isOffered) location.reload(); }, list?.dataset.events && window.EventSource ? 3000 : 0);
        }
        text.focus();
      } catch (problem) {
        const words = problem instanceof TypeError ? 'the node cannot be reached' : problem.message;
        fail(`Not sent: ${words.replace(/\.$/, '')}. Your text is still here.`);
      } finally { post.disabled = false; }
    };
    form.addEventListener('submit', (event) => {
      if (signs) {
        event.preventDefault();
        submit();
        return;
      }
      attempt(() => sessionStorage.setItem(place, 'sent'));
      setTimeout(() => { post.disabled = true; });
    });
    addEventListener('pageshow', () => { post.disabled = false; });
    count();
    if (!error.hidden) {
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    }
    return async () => {
      form.append(panel);
      document.body.append(nameForm);
      openKeys(false);
      signs = true;
      await lookAgain();
      count();
    };
  };

  const form = byId('compose');
  const spareForm = byId('form');  // of a node that does not sign: only for a browser that does
  const signHere = form && begin(form);
  if (!form && !spareForm) return;
  keys.isSupported().then((isSupported) => {
    if (!isSupported) return;
    if (spareForm) spareForm.parentElement.innerHTML = spareForm.textContent;
    (signHere ?? begin(byId('compose')))();
  });
})();
