// Runs before the first paint and sets the stored theme, so that nothing flashes.
// Everything that needs the page waits until it is loaded.
(() => {
  const root = document.documentElement
  const words = document.currentScript.dataset
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const wide = matchMedia('(min-width: 80rem)')
  const shown = () => root.dataset.theme || (dark.matches ? 'dark' : 'light')

  // Storage may be forbidden. Then the choice lasts only as long as the page.
  const stored = (...theme) => {
    try {
      return theme.length ? localStorage.setItem('theme', theme[0]) : localStorage.getItem('theme')
    } catch {}
  }

  root.classList.add('js')
  if (/^(dark|light)$/.test(stored())) root.dataset.theme = stored()

  addEventListener('DOMContentLoaded', () => {
    const button = document.querySelector('.theme')
    const press = () => button?.setAttribute('aria-pressed', shown() === 'dark')
    button?.addEventListener('click', () => {
      stored(root.dataset.theme = shown() === 'dark' ? 'light' : 'dark')
      press()
    })
    dark.addEventListener('change', press)
    press()

    addEventListener('keydown', event => {
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey) || !words.search) return
      event.preventDefault()
      const box = document.querySelector('.search input')
      box ? box.focus() : location = words.search + '#_search'
    })

    // The table of contents is open if it is beside the text, and closed if it is above it.
    const toc = document.querySelector('.toc')
    const unfold = () => toc && (toc.open = wide.matches)
    wide.addEventListener('change', unfold)
    unfold()

    // Marks the section that is read: the last that begins above the middle of the screen.
    const entries = [...toc?.querySelectorAll('a') ?? []]
    const find = link => document.getElementById(decodeURIComponent(link.hash.slice(1)))
    addEventListener('scroll', () => {
      if (!toc?.open) return
      const read = entries.findLast(link => find(link)?.getBoundingClientRect().top < innerHeight / 2)
      for (const link of entries) link.ariaCurrent = link === read || null
    }, { passive: true })

    for (const code of navigator.clipboard ? document.querySelectorAll('.code > pre > code') : []) {
      const copy = document.createElement('button')
      copy.type = 'button'
      copy.className = 'copy'
      copy.textContent = words.copy
      copy.ariaLive = 'polite'
      copy.addEventListener('click', async () => {
        await navigator.clipboard.writeText(code.textContent)
        copy.textContent = words.copied
        setTimeout(() => (copy.textContent = words.copy), 2000)
      })
      code.closest('.code').append(copy)
    }
  })
})()
