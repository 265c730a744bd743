### Kata-kata halaman obrolan. Register: "kamu", ramah dan lugas.

## Angka dan waktu
number-separator = .
clock = { $hours }.{ $minutes }
short-date = { $day } { $month }, { $clock }
short-date-year = { $day } { $month } { $year }, { $clock }
short-months = Jan Feb Mar Apr Mei Jun Jul Agu Sep Okt Nov Des
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
rooms-empty = Percakapanmu akan tampil di sini.
stay = Tetap di sini
sign-out = Keluar
notify-me = Beri tahu aku, dengan bunyi
unsent = { $count } hal yang kamu lakukan belum terkirim dan akan hilang.
rename = Ganti nama
delete = Hapus
new-name = Nama baru
save = Simpan
cancel = Batal
keep = Jangan
delete-label = Hapus { $title }?
delete-question = Hapus “{ $title }” dan semua isinya?
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
gone = Percakapan ini tidak ada
gone-why = Mungkin sudah dihapus, atau milik orang lain.
begin-new = Mulai yang baru
not-loaded = Percakapan tidak bisa dimuat
not-loaded-why = Akan dicoba lagi dengan sendirinya.
welcome = Mau membicarakan apa?
suggestion-explain = Jelaskan bagaimana WebSocket tetap terbuka, dengan diagram kecil
suggestion-plan = Rencanakan akhir pekan di Jakarta, dalam bentuk tabel
suggestion-write = Tulis haiku tentang hujan, lalu jelaskan
suggestion-code = Tunjukkan quicksort dalam Rust dan cara mengujinya
dismiss = Tutup
keys = Enter membuka pesan terbaru. Pada sebuah pesan: atas dan bawah untuk pesan lain, kiri dan kanan untuk versinya yang lain, Enter untuk hal yang bisa dilakukan, R untuk membalas, E untuk menyunting, G untuk meminta balasan itu ditulis ulang, Q untuk mengutip, C untuk menyalinnya, P untuk menyematkan, L untuk menyalin tautannya, U untuk menandainya belum dibaca, Delete untuk menghapusnya, Escape untuk menulis.

## Pesan
messages = Pesan
earlier = Pesan sebelumnya
newest = Pesan terbaru
nothing-said = Belum ada pesan di sini.
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
editing = Menyunting pesan
resending = Kalau dikirim, versi baru dimulai dari sini
replying = Membalas { $words }
message-kimi = Tulis kepada Kimi
message-room = Tulis ke { $room }
message-room-kimi = Tulis ke { $room }; @kimi bertanya kepada Kimi
nobody-called = Tidak ada yang bernama @{ $name } di sini, jadi tidak ada yang diberi tahu.
kimi-silent = Kimi diam di sini dan tidak akan menjawab.
kimi-mentioned = Di sini Kimi hanya menjawab @kimi.
too-long = Kelebihan { $count } bita. Pendekkan, atau kirim sebagian-sebagian.
comes-next = Kimi sedang menulis: ini dijawab berikutnya. Ctrl+Enter menghentikan Kimi dan langsung mengirimnya.
archived-room = Percakapan ini diarsipkan.
sign-in-to-write = Masuk untuk menulis.
load-to-write = Muat ulang halaman untuk menulis.
practice-model = Di sini model latihan yang menjawab, karena KIMI_API_KEY belum diatur.
can-err = Kimi bisa keliru. Periksa hal yang penting.

## Koneksi
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
