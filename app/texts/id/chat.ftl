### Kata-kata halaman obrolan. Register: "kamu", ramah dan lugas.

## Angka dan waktu
number-separator = .
clock = { $hours }.{ $minutes }
short-date = { $day } { $month }, { $clock }
short-date-year = { $day } { $month } { $year }, { $clock }
short-months = Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des
month-of-year = { $month } { $year }
month-names = Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember
seconds = { $seconds } dtk
minutes = { $minutes } mnt { $seconds } dtk

## Nama dalam kalimat
names-and = { $names } dan { $last }
somebody = Seseorang
you = Kamu
others = { $count } lainnya
people = { $count } orang

## Halaman
skip = Langsung ke percakapan
show-list = Tampilkan daftar percakapan
conversations = Percakapan

## Daftar ruang
new-conversation = Percakapan baru
new-room = Ruang baru bersama orang lain
archived = Arsip
bring-back = Kembalikan
heading-pinned = Disematkan
today = Hari ini
yesterday = Kemarin
previous-week = 7 hari terakhir
previous-month = 30 hari terakhir
rooms-empty = Percakapanmu akan tampil di sini.
stay = Tetap di sini
sign-out = Keluar
notify-me = Beri tahu aku, dengan bunyi
colours = Warna
as-system = Sistem
light = Terang
dark = Gelap
keys = Tombol
go-to-something = Buka ruang, orang, atau perintah
unsent = { $count } hal yang kamu lakukan belum terkirim dan akan hilang.
rename = Ganti nama
delete = Hapus
new-name = Nama baru
save = Simpan
cancel = Batal
keep = Jangan
delete-label = Hapus { $title }?
delete-question = Hapus “{ $title }” dan semua isinya?
delete-for-members = Hapus “{ $title }” dan semua isinya, bagi semua orang di dalamnya?
archive-instead = Arsipkan saja
unread = { $count } belum dibaca
mentions = { $count } menyebutmu

## Kepala ruang
about = Tentang
here-of = { $here } dari { $all } di sini
is-here = di sini
is-away = sedang pergi
last-here = terakhir di sini { $time }
not-here = tidak di sini
notify-of = Beri tahu aku tentang
notify-all = Semua
notify-mentions = Sebutan
notify-none = Tidak ada
details = Rincian
is-archived = Percakapan ini diarsipkan. Tidak bisa ditulisi lagi.

## Ruang yang tidak bisa ditampilkan, atau baru
loading = Memuat percakapan…
gone = Percakapan ini tidak ada di sini
gone-why = Sudah dihapus, atau kamu tidak ada di dalamnya.
begin-new = Mulai yang baru
not-loaded = Percakapan tidak bisa dimuat
not-loaded-why = Akan dicoba lagi dengan sendirinya.
welcome = Mau membicarakan apa?
suggestion-explain = Jelaskan bagaimana WebSocket tetap terbuka, dengan diagram kecil
suggestion-plan = Rencanakan akhir pekan di Jakarta, dalam bentuk tabel
suggestion-write = Tulis haiku tentang hujan, lalu jelaskan
suggestion-code = Tunjukkan quicksort dalam Rust dan cara mengujinya
dismiss = Tutup
keys-of-messages = Enter membuka pesan terbaru. Pada sebuah pesan:

## Pesan
messages = Pesan
earlier = Pesan sebelumnya
newest = Pesan terbaru
nothing-said = Belum ada pesan di sini. Kamu bisa mulai.
to-unread = Ke pesan pertama yang belum dibaca
to-latest = Ke pesan terakhir
to-latest-new = Ke pesan terakhir, { $count } pesan baru
new-line = Baru
said = Kata { $name }
you-said = Katamu
typing = { $names } sedang mengetik
typing-several = { $names } sedang mengetik
further-up = sebuah pesan di atas
was-deleted = Pesan ini sudah dihapus.
deleted = dihapus
pinned = disematkan
edited = disunting
edited-by = disunting oleh { $name }
seen-by = Dilihat oleh { $names }
version = Versi { $number } dari { $count }
earlier-version = Versi sebelumnya
later-version = Versi berikutnya
waiting-for-connection = Menunggu koneksi
waiting = Menunggu dikirim
sending = Mengirim…
retry = Ulangi
discard = Buang

## Yang bisa dilakukan dengan pesan
toolbar = Untuk pesan ini
reply = Balas
react = Beri reaksi
edit = Sunting
regenerate = Tulis ulang
quote = Kutip
pin = Sematkan
unpin = Lepas sematan
copy-link = Salin tautan
mark-unread = Tandai belum dibaca
stop-reply = Hentikan balasan
history = Riwayat
delete-it = Hapus?
delete-for-all = Hapus untuk semua orang?
link-copied = Tautan disalin
wrap = Lipat baris
unwrap = Bentangkan baris
copy = Salin
copied = Disalin
code = kode
code-lines = { $language } · { $count } baris

## Yang sedang dilakukan Kimi
about-to-answer = Kimi segera menjawab
replies-before = , setelah { $count } balasan lain
is-thinking = Kimi sedang berpikir
is-using = Kimi sedang memakai { $tool }
is-using-tool = Kimi sedang memakai alat
has-used = Kimi memakai { $tool }
web-search = pencarian web
is-writing = Kimi sedang menulis
is-done = Kimi selesai
what-is-said = Yang dikatakan
says = { $name }: { $words }
code-in = Kode { $language }
speed = { $time } · sekitar { $tokens } token/dtk
thinking = Berpikir
thinking-for = Berpikir · { $time }
thought = Berpikir sejenak
thought-for = Berpikir selama { $time }
stopped = Dihentikan.
stopped-by = Dihentikan oleh { $name }.
not-answered = Kimi tidak bisa menjawab.
cut-off = Balasannya terputus.
go-on = Lanjutkan

## Yang menulis balasan
model-and-instructions = Model dan petunjuk
form-loading = Memuat…
form-failed = Tidak bisa dimuat. Tutup ini, lalu coba lagi.
bytes-of = { $bytes } dari { $most } bita
effort = Berpikir: { $effort }
efforts = tidak sedikit sedang banyak maksimal
tokens = { $count } token
answers-instead = { $chosen } tidak tersedia lagi. { $model } yang menjawab.

## Tempat menulis
people-list = Orang
message = Pesan
stop = Hentikan
send = Kirim
send-next = Kirim, untuk dijawab berikutnya
stop-and-send = Hentikan dan kirim
stop-and-send-title = Hentikan Kimi dan kirim ini saja (Ctrl+Enter)
write-first = Tulis pesan dulu
preview = Pratinjau
write = Tulis
editing = Menyunting pesan
resending = Ini memulai versi baru
replying = Membalas { $words }
message-kimi = Tulis kepada Kimi
message-room = Tulis ke { $room }
nobody-called = Tidak ada yang bernama @{ $name } di sini, jadi tidak ada yang diberi tahu.
kimi-silent = Kimi diam di sini dan tidak akan menjawab.
kimi-mentioned = @kimi bertanya kepada Kimi, yang bisa salah.
too-long = Kelebihan { $count } bita. Pendekkan, atau kirim sebagian-sebagian.
left = Tersisa { $count } bita.
is-scarce = Sisa tempatnya kurang dari sepersepuluh.
is-all-but-full = Pesannya hampir penuh.
is-too-long = Pesannya terlalu panjang.
comes-next = Kimi sedang menulis: ini dijawab berikutnya.
archived-room = Percakapan ini diarsipkan.
sign-in-to-write = Masuk untuk menulis.
load-to-write = Muat ulang halaman untuk menulis.
practice-model = Di sini model latihan yang menjawab, karena KIMI_API_KEY belum diatur.
can-err = Kimi bisa keliru. Periksa hal yang penting.

## Perintah
commands-list = Perintah
models-list = Model
command-model = NAMA: model yang menjawab di ruang ini
command-system = TEKS: petunjuk untuk Kimi di ruang ini
command-clear = memulai percakapan baru; tidak ada yang dihapus
command-help = menampilkan tombol dan perintah ini
commands-begin = Perintah ditulis di awal, sebagai ganti pesan. Dengan dua garis miring, itu menjadi pesan.
command-incomplete = Ada yang kurang: tulis di belakang perintahnya, atau “default” kalau tidak mau punya yang khusus.
model-is-a-word = Nama model terdiri dari satu kata.
no-such-model = Tidak ada model “{ $model }” di sini. Tulis /model dan spasi untuk melihat yang ada.
model-is = Mulai balasan berikutnya, { $model } yang menjawab di ruang ini.
model-is-default = Mulai balasan berikutnya, model pilihan server yang menjawab di ruang ini.
instructions-too-long = Petunjuk paling banyak { $bytes } bita. Pendekkan.
instructions-are-set = Mulai balasan berikutnya, Kimi mengikuti petunjuk ini di ruang ini.
no-instructions = Ruang ini tidak punya petunjuk lagi.
only-admins-set = Hanya admin ruang ini yang bisa mengaturnya. Minta kepada salah satu dari mereka.
begun-anew = Ini percakapan baru, dengan pengaturan yang sama seperti sebelumnya. Yang lama ada di daftar: tidak ada yang dihapus.

## Palet
go-to = Buka
palette-field = Ruang, orang, atau perintah
results-list = Hasil
results = { $count } hasil
nothing-called-so = Tidak ada yang bernama begitu.
palette-people = Orang bisa ditemukan setelah kamu membuka ruang bersama mereka.
a-room = ruang
a-conversation = percakapan
a-direct = percakapan langsung
an-archived = diarsipkan
a-person = orang
a-command = perintah
pin-room = Sematkan ruang ini
unpin-room = Lepas sematan ruang ini
archive-room = Arsipkan ruang ini
bring-room-back = Kembalikan ruang ini
details-of-room = Rincian ruang ini
light-colours = Warna terang
dark-colours = Warna gelap
system-colours = Warna sesuai sistem

## Daftar tombol
letter-keys = Tombol berupa satu karakter
keys-and-commands = Tombol dan perintah
everywhere = Di mana saja
while-writing = Saat menulis
on-a-message = Pada sebuah pesan
close = Tutup
key-palette = membuka ruang atau orang, atau melakukan sesuatu
key-keys = menampilkan daftar tombol ini, selagi tidak ada yang ditulis
key-close = menutup yang terbuka, dan membatalkan balasan atau suntingan
key-send = mengirim
key-break = pindah ke baris baru
key-send-instead = menghentikan Kimi dan langsung mengirim, selagi Kimi menulis
key-edit-last = menyunting pesanmu yang terakhir, selagi belum ada yang ditulis
key-names = menawarkan nama: ↑ ↓ memilih, Enter atau Tab mengambilnya
key-commands = menawarkan perintah, di awal
key-before = ke pesan sebelumnya
key-after = ke pesan berikutnya
key-earlier-version = ke versi sebelumnya
key-later-version = ke versi berikutnya
key-tools = membuka hal yang bisa dilakukan; di daftarnya, ke pesan terbaru
key-reply = membalasnya
key-edit = menyuntingnya
key-again = meminta balasan itu ditulis ulang
key-quote = mengutipnya, atau bagian yang dipilih
key-copy = menyalinnya
key-pin = menyematkannya, atau melepas sematannya
key-link = menyalin tautannya
key-unread = menandainya belum dibaca
key-delete = menghapusnya, setelah bertanya
key-back = kembali menulis

## Koneksi
connected-again = Terhubung kembali
too-much-waits = Terlalu banyak yang menunggu dikirim. Kirim lagi setelah tersambung.
lost = Koneksi terputus. Menyambung lagi…
lost-next = Koneksi terputus. Dicoba lagi dalam { $seconds } dtk.
try-now = Coba sekarang
offline = Kamu sedang luring. Yang kamu kirim disimpan dan terkirim saat kamu kembali daring.
unreachable = Server tidak bisa dihubungi. Dicoba lagi dalam { $seconds } dtk.
signed-out = Kamu sudah keluar.
sign-in = Masuk
other-user = Orang lain sudah masuk di peramban ini.
load-again = Muat ulang
old-version = Halaman ini sudah usang.
misunderstood = Halaman ini dan server tidak saling mengerti.
too-many-tabs = Terlalu banyak tab terbuka, jadi tab ini diputus.
use-this-tab = Pakai tab ini
try-again = Coba lagi
closed = Server mengakhiri koneksi ini.
connect-again = Sambungkan lagi
not-connected = Tidak tersambung
by-websocket = Tersambung lewat WebSocket
by-stream = Tersambung lewat aliran peristiwa
by-stream-why = Jaringan ini tidak meloloskan WebSocket. Semuanya berjalan, hanya sedikit lebih lambat.
by-polling = Tersambung dengan bertanya berkala
by-polling-why = Jaringan ini menahan aliran. Semuanya berjalan, tetapi balasan datang dalam potongan lebih besar.

## Notifikasi
news-direct = Ada pesan baru untukmu.
news-mention = Ada yang menyebutmu.
news = Ada pesan baru.
