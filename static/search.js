// The search page. Pagefind is loaded when the search box is focused or the address contains a query.
// Results are built from text, never from HTML, because titles and excerpts come from posts.
(() => {
  const form = document.querySelector('form.search')
  if (!form) return
  const { index, languages, found, none, failed, wait } = form.dataset
  const { lang } = document.documentElement
  const plural = new Intl.PluralRules(lang)
  const forms = JSON.parse(found)
  const status = document.querySelector('#_status')
  const list = document.querySelector('#_results')
  const button = document.querySelector('#_more')
  const PAGE = 10
  let loading
  let latest = 0
  let shown

  const load = () => (loading ??= import(index).then(async pagefind => {
    await pagefind.init()
    // Each other language has an index of its own. Pagefind would think that the same folder is the
    // same index, so it gets a different spelling of the path.
    const folder = new URL('./', new URL(index, location)).pathname.replace(/\/$/, '/./')
    await Promise.all((languages?.split(' ') ?? []).map(language =>
      pagefind.mergeIndex(folder, { language: language.toLowerCase() })))
    offer(await pagefind.filters())
    return pagefind
  }))

  // Fills the lists of categories and tags. A list with a single value is disabled.
  const offer = filters => {
    for (const select of form.querySelectorAll('select')) {
      const values = Object.entries(filters[select.name] ?? {})
      const wanted = new URLSearchParams(location.search).get(select.name)
      values.sort(([a], [b]) => a.localeCompare(b, lang))
      select.append(...values.map(([value, count]) => new Option(`${value} (${count})`, value)))
      if (wanted) select.value = wanted
      if (select.selectedIndex < 0) select.selectedIndex = 0
      select.disabled = values.length < 2
    }
  }

  const element = (name, content, fields = {}) => {
    const made = Object.assign(document.createElement(name), fields)
    made.append(...[content].flat())
    return made
  }

  // Pagefind escapes the text of an excerpt, then adds the `<mark>` tags.
  const marked = excerpt => excerpt.split(/<\/?mark>/).map((part, nth) => {
    const text = part.replaceAll('&lt;', '<').replaceAll('&gt;', '>')
    return nth % 2 ? element('mark', text) : text
  })

  // As on the other pages: the day comes first in English, but not in that of the United States.
  const locale = /^en(?!-US$)/i.test(lang) ? 'en-GB' : lang
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC', calendar: 'gregory' })
  const spelled = date => dates.format(new Date(date))

  // If no post has a word, Pagefind searches for the longest beginning of it that some post has, down
  // to a single letter. Results that share fewer than three letters with every word are dropped.
  // In scripts without spaces, the query has several words, and words are shorter.
  const plain = text => text.normalize('NFD').toLowerCase().replace(/[^\p{L}\p{N}\s]/gu, '')
  const unspaced = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u
  const isNear = (query, { excerpt, meta }) => {
    const marks = [...excerpt.matchAll(/<mark>(.*?)<\/mark>/gs)].map(match => match[1])
    const found = plain([meta.title, ...marks].join(' ')).split(/\s+/)
    return plain(query).split(/\s+/).some(word =>
      found.some(other => other.startsWith(word.slice(0, 3))
        || (unspaced.test(other) && word.includes(other))))
  }

  const result = ({ url, excerpt, meta, filters }) => {
    const parts = []
    // Several posts may have the same sentence; it says nothing about the second one.
    if (!shown.has(excerpt)) parts.push(element('p', ['…', ...marked(excerpt), '…']))
    shown.add(excerpt)
    const about = []
    if (meta.date) about.push(element('time', spelled(meta.date), { dateTime: meta.date }))
    if (filters.category) about.push(element('span', filters.category[0]))
    const item = element('li', [
      element('h2', element('a', meta.title, { href: url })),
      ...parts,
    ])
    if (about.length) {
      const separated = about.flatMap((part, nth) => (nth ? [' · ', part] : part))
      item.append(element('p', separated, { className: 'meta' }))
    }
    return item
  }

  const show = async (results, run) => {
    const start = list.children.length
    const data = await Promise.all(results.slice(start, start + PAGE).map(found => found.data()))
    if (run !== latest) return
    list.append(...data.map(result))
    button.hidden = list.children.length >= results.length
    button.onclick = async () => {
      await show(results, run)
      list.children[start + PAGE]?.querySelector('a').focus()
    }
  }

  const search = async () => {
    const run = ++latest
    const query = form.q.value.trim()
    const filters = {}
    for (const { name, value } of form.querySelectorAll('select')) if (value) filters[name] = value
    const asked = new URLSearchParams(query ? { q: query, ...filters } : filters)
    try {
      const pagefind = await load()
      if (run !== latest) return
      history.replaceState(null, '', asked.size ? `?${asked}` : location.pathname)
      const empty = !asked.size
      let { results } = empty ? { results: [] } : await pagefind.search(query || null, { filters })
      if (query && results[0] && !isNear(query, await results[0].data())) results = []
      if (run !== latest) return
      const count = results.length
      list.replaceChildren()
      shown = new Set()
      const counted = forms[plural.select(count)] ?? forms.other
      status.textContent = empty ? '' : (count ? counted : none)
        .replace('{count}', count.toLocaleString(lang))
      await show(results, run)
    } catch (error) {
      console.error(error)
      if (run === latest) status.textContent = failed
    }
  }

  if (location.hash === '#_search') form.q.focus()

  let timer
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(search, 150)
  }
  form.addEventListener('focusin', () => load().catch(() => {}), { once: true })
  form.addEventListener('input', soon)
  form.addEventListener('submit', event => {
    event.preventDefault()
    clearTimeout(timer)
    search()
  })

  const asked = new URLSearchParams(location.search)
  form.q.value = asked.get('q') ?? ''
  if (asked.size) {
    status.textContent = wait
    // The lists must be filled before their values are read.
    load().then(search, search)
  }
})()
