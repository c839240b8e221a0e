// Echo agent on Qt WebSockets: `server DEFLATE` or `client DEFLATE URL`. Qt 5 has no deflate.
// Text that begins with `!` is a command, see docs/interop.md; every other message is echoed.

#include <QtCore/QCoreApplication>
#include <QtCore/QStringList>
#include <QtNetwork/QNetworkRequest>
#include <QtWebSockets/QWebSocket>
#include <QtWebSockets/QWebSocketServer>
#include <cstdio>

static const quint64 wholeMessages = 1ull << 30;

static void sendFragments(QWebSocket *socket, const QString &type, int count, int size) {
  QByteArray bytes;
  for (int index = 0; index < count; index++) bytes.append(QByteArray(size, char(97 + index % 26)));
  socket->setOutgoingFrameSize(quint64(size));
  if (type == QLatin1String("text"))
    socket->sendTextMessage(QString::fromLatin1(bytes));
  else
    socket->sendBinaryMessage(bytes);
  socket->setOutgoingFrameSize(wholeMessages);
}

static void obey(QWebSocket *socket, const QString &text) {
  const QString verb = text.section(' ', 0, 0);
  if (verb == QLatin1String("!ping")) {
    socket->ping(text.section(' ', 1).toUtf8());
  } else if (verb == QLatin1String("!fragments")) {
    const QStringList words = text.split(' ');
    sendFragments(socket, words[1], words[2].toInt(), words[3].toInt());
  } else if (verb == QLatin1String("!close")) {
    const auto code = QWebSocketProtocol::CloseCode(text.section(' ', 1, 1).toInt());
    socket->close(code, text.section(' ', 2));
  }
}

static void answer(QWebSocket *socket) {
  socket->setOutgoingFrameSize(wholeMessages);
  QObject::connect(socket, &QWebSocket::textMessageReceived, [socket](const QString &text) {
    if (text.startsWith('!'))
      obey(socket, text);
    else
      socket->sendTextMessage(text);
  });
  QObject::connect(socket, &QWebSocket::binaryMessageReceived, [socket](const QByteArray &bytes) {
    socket->sendBinaryMessage(bytes);
  });
  QObject::connect(socket, &QWebSocket::pong, [socket](quint64, const QByteArray &payload) {
    socket->sendTextMessage(QStringLiteral("pong ") + QString::fromUtf8(payload));
  });
  QObject::connect(socket, &QWebSocket::disconnected, [socket]() {
    const QByteArray reason = socket->closeReason().toUtf8().toHex();
    std::printf("closed %d %s\n", int(socket->closeCode()), reason.constData());
    std::fflush(stdout);
    socket->deleteLater();
  });
}

static int serve(QCoreApplication &application) {
  QWebSocketServer server(QStringLiteral("interop"), QWebSocketServer::NonSecureMode);
  QObject::connect(&server, &QWebSocketServer::newConnection, [&server]() {
    while (QWebSocket *socket = server.nextPendingConnection()) answer(socket);
  });
  if (!server.listen(QHostAddress::LocalHost, 0)) return 1;
  std::printf("listening %d\n", int(server.serverPort()));
  std::fflush(stdout);
  return application.exec();
}

static int connectTo(QCoreApplication &application, const char *url) {
  auto *socket = new QWebSocket();
  answer(socket);
  QObject::connect(socket, &QWebSocket::destroyed, &application, &QCoreApplication::quit);
  socket->open(QNetworkRequest(QUrl(QString::fromUtf8(url))));
  return application.exec();
}

int main(int count, char **words) {
  QCoreApplication application(count, words);
  if (count > 1 && QByteArray(words[1]) == "server") return serve(application);
  return connectTo(application, count > 3 ? words[3] : "");
}
