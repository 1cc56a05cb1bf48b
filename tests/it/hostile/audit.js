// Returns what is wrong with the open page: a list of sentences, empty for a harmless page.
// It examines what the browser made of the HTML, not the HTML itself.
(root, base, isPage) => {
  const wrong = []
  const tell = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 200)}`)
  const ours = new URL(base).origin
  // The box of the prose, with the margin in which list numbers and outlines may be visible.
  const prose = isPage && document.querySelector('.prose')
  const margin = 1.25 * parseFloat(getComputedStyle(document.documentElement).fontSize) + 1
  // The visible part of an element: its box without what an ancestor clips.
  const seen = element => {
    let { left, right, top, bottom } = element.getBoundingClientRect()
    for (let around = element.parentElement; around; around = around.parentElement) {
      if (getComputedStyle(around).overflowX === 'visible') continue
      const box = around.getBoundingClientRect()
      const wider = around === prose ? margin : 0
      left = Math.max(left, box.left - wider)
      right = Math.min(right, box.right + wider)
      top = Math.max(top, box.top - wider)
      bottom = Math.min(bottom, box.bottom + wider)
    }
    return { left, right, top, bottom, isEmpty: left >= right || top >= bottom }
  }
  const isOutside = element => {
    const { left, right, top, bottom, isEmpty } = seen(element)
    const box = prose.getBoundingClientRect()
    return !isEmpty && (left < box.left - margin || right > box.right + margin ||
      top < box.top - margin || bottom > box.bottom + margin)
  }
  if (isPage) {
    const { scrollWidth, clientWidth } = document.documentElement
    const wide = [...document.querySelectorAll('body *')].filter(element =>
      element.getBoundingClientRect().right > clientWidth + 1 && !element.parentElement.closest('.prose'))
    if (scrollWidth > clientWidth) {
      wrong.push(`the page is ${scrollWidth} wide, not ${clientWidth}`)
      wide.slice(-3).forEach(element => tell('something wide', element))
    }
  }
  const schemes = ['http:', 'https:', 'mailto:', 'tel:']
  const addresses = ['href', 'src', 'action', 'formaction', 'data', 'cite', 'poster', 'background', 'ping',
    'srcset', 'longdesc', 'usemap', 'manifest', 'codebase', 'xlink:href', 'srcdoc', 'content']
  const never = 'iframe, frame, frameset, object, embed, applet, portal, fencedframe, base, style, svg, ' +
    'template, noscript, video[autoplay], audio[autoplay], area, map, textarea, dialog, marquee, picture, ' +
    'body form:not(.search), body meta, body link, body title, slot, canvas'
  for (const element of root.querySelectorAll(never)) tell('an element that posts may not have', element)
  // Formulas: the program writes their elements, and these have nothing that loads, leads or styles.
  const formula = 'math, semantics, annotation, mfrac, mi, mn, mo, mover, mpadded, mroot, mrow, mspace, msqrt, ' +
    'mstyle, msub, msubsup, msup, mtable, mtd, mtext, mtr, munder, munderover, none'
  const formulaAttributes = ['accent', 'accentunder', 'class', 'columnspan', 'depth', 'display', 'displaystyle',
    'encoding', 'fence', 'form', 'height', 'linethickness', 'lspace', 'mathbackground', 'mathcolor', 'mathvariant',
    'maxsize', 'minsize', 'movablelimits', 'rspace', 'scriptlevel', 'stretchy', 'symmetric', 'width']
  const mathml = 'http://www.w3.org/1998/Math/MathML'
  for (const element of root.querySelectorAll('*')) {
    if (element.localName === 'math' ? element.parentElement.closest('math') : element.namespaceURI === mathml &&
      !element.closest('math')) tell('a part of a formula at a strange place', element)
    if (element.namespaceURI !== mathml) {
      if (element.closest('math') || element.matches(formula)) tell('no formula', element)
      continue
    }
    if (!element.matches(formula)) tell('an element that formulas may not have', element)
    for (const { name, value } of element.attributes) {
      const isValue = name === 'encoding' ? value === 'application/x-tex' : /^[a-z0-9.+%# -]*$/i.test(value)
      if (!formulaAttributes.includes(name) || !isValue) tell(`a strange attribute ${name} of a formula`, element)
    }
    if (element.className && !element.className.split(' ').every(name => name.startsWith('math-')))
      tell('a class that formulas may not have', element)
    // Text is all that those have in which HTML would be allowed.
    if (element.matches('mi, mn, mo, mtext, annotation') && element.childElementCount) tell('no text', element)
  }
  for (const element of root.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (/^on/i.test(name)) tell('a handler', element)
      if (/^style$/i.test(name)) tell('a style', element)
      // The form of an operator of a formula is whether it stands before, between or behind.
      if (name === 'form' && element.namespaceURI === mathml) continue
      if (/^(name|form|autofocus|contenteditable|is|slot|part|nonce|popover.*|target|download)$/i.test(name) &&
        !element.matches('head meta, form.search *')) tell(`an attribute ${name}`, element)
      if (!addresses.includes(name.toLowerCase()) || element.matches('head meta')) continue
      let url
      try { url = new URL(value, base) } catch { continue }
      if (!schemes.includes(url.protocol)) tell('an address', element)
    }
    if (element.localName === 'script') {
      const data = element.type === 'application/ld+json' && !element.src
      const own = isPage && element.src && new URL(element.src).origin === ours &&
        /^\/(repo\/)?((script|search)-[0-9a-f]+\.js|_pressrun\/reload\.js)$/.test(new URL(element.src).pathname)
      if (!data && !own) tell('a script', element)
      if (data) try { JSON.parse(element.textContent) } catch { tell('data that is no JSON', element) }
    }
    if (element.localName === 'input' && !element.matches('form.search *') &&
      !(element.type === 'checkbox' && element.disabled)) tell('a field', element)
    if (isPage) {
      const { position } = getComputedStyle(element)
      if (position === 'fixed') tell('something over the page', element)
      if (element.closest('.prose')) {
        if (position === 'sticky') tell('something that sticks', element)
        const within = element.offsetParent?.closest('.prose')
        if (position === 'absolute' && !within) tell('something at a place of its own', element)
        if (prose !== element && isOutside(element)) tell('something outside of the post', element)
      }
      if (!element.closest('main, header, footer, head') && !element.matches('html, body, .skip, script'))
        tell('something outside of its place', element)
    }
  }
  return wrong
}
